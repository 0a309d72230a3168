import type { FaultEffect } from '@switchyard/rovo-emulator';
import { afterEach, describe, expect, it } from 'vitest';

import { type Estate, type EstateOptions, eventually, said, startEstate, THREE_LANES } from './estate.ts';

const DISCOVERY = 'discovery: { deadlineMs: 400, freshSeconds: 1 }\nlimits: { callTimeoutMs: 500 }';

let estate: Estate;
afterEach(() => estate.close());

async function start(options: EstateOptions = {}): Promise<void> {
  estate = await startEstate({ sites: THREE_LANES, more: DISCOVERY, ...options });
}

function strike(effect: FaultEffect, match: Readonly<Record<string, string>> = {}): void {
  estate.emulator.control.addFault({ match: { lane: 'labs', ...match }, effect });
}

interface Case {
  readonly effect: FaultEffect;
  readonly reason: RegExp;
  readonly status?: string;
}

const CASES: readonly (readonly [string, Case])[] = [
  ['is down (connections are reset)', { effect: { kind: 'reset' }, reason: /^unavailable$|^circuit_open$/ }],
  ['hangs', { effect: { kind: 'hang' }, reason: /^timeout$|^circuit_open$/ }],
  ['answers garbage', { effect: { kind: 'garbage' }, reason: /^unavailable$/ }],
  ['breaks off in the middle', { effect: { kind: 'truncated' }, reason: /^unavailable$|^circuit_open$/ }],
  [
    'answers 401',
    { effect: { kind: 'http', status: 401 }, reason: /^not_connected$/, status: 'not-connected' },
  ],
  ['answers 429', { effect: { kind: 'http', status: 429, retryAfterSeconds: 7 }, reason: /^rate_limited$/ }],
  ['answers 500', { effect: { kind: 'http', status: 500 }, reason: /^unavailable$|^circuit_open$/ }],
];

describe.each(CASES)('a site that %s from the start', (_, { effect, reason, status = 'unavailable' }) => {
  it('costs the other sites nothing: their tools are listed, _meta says what is missing', async () => {
    await start();
    strike(effect);

    const { names, rows } = await estate.list();

    expect(rows.map((row) => [row.site, row.status])).toEqual([
      ['eng', 'ok'],
      ['ops', 'ok'],
      ['33333333', status],
    ]);
    expect(rows[2]?.reason).toMatch(/gamma-labs/);
    expect(names.filter((name) => name.startsWith('eng__')).length).toBe(rows[0]?.tools);
    expect(names.filter((name) => name.startsWith('33333333__'))).toEqual([]);
  });

  it('answers calls to it as a result with a reason, and calls to the others as ever', async () => {
    await start();
    await estate.list();
    strike(effect);

    const sick = await estate.call('33333333__getJiraIssue', { issueIdOrKey: 'LAB-1' });
    const well = await estate.call('eng__getJiraIssue', { issueIdOrKey: 'ENG-1' });

    expect(sick.status).toBe(200);
    expect(sick.body.result?.isError).toBe(true);
    expect(sick.body.result?._meta?.['switchyard/reason']).toMatch(reason);
    expect(sick.body.result?.content?.[0]?.text).toMatch(/gamma-labs/);
    expect(JSON.stringify(said(well))).toContain('ENG-1');
  });

  it('comes back by itself', async () => {
    await start();
    strike(effect);
    await estate.list();
    estate.emulator.control.clearFaults();

    await eventually(async () => {
      const { rows } = await estate.list();
      expect(rows.map((row) => row.status)).toEqual(['ok', 'ok', 'ok']);
    });
    const response = await estate.call('33333333__getJiraIssue', { issueIdOrKey: 'LAB-1' });
    expect(JSON.stringify(said(response))).toContain('LAB-1');
  });
});

describe('the first site of the configuration', () => {
  it('keeps nobody out when it hangs: the next endpoint says who calls', async () => {
    await start();
    estate.emulator.control.addFault({ match: { lane: 'eng' }, effect: { kind: 'hang' } });
    const { rows } = await estate.list();
    expect(rows.map(({ site, status }) => [site, status])).toEqual([
      ['eng', 'unavailable'],
      ['ops', 'ok'],
      ['33333333', 'ok'],
    ]);
    const asked = estate.emulator.control.requests().filter(({ method }) => method === 'tools/call');
    expect(new Set(asked.map(({ lane }) => lane))).toEqual(new Set(['ops']));
  });
});

describe('a site that fails after its list is known', () => {
  it('keeps its tools, as stale, until it is back', async () => {
    await start();
    const before = await estate.list();
    strike({ kind: 'http', status: 503 });

    await eventually(async () => {
      const { rows, names } = await estate.list();
      expect(rows[2]).toMatchObject({ site: '33333333', status: 'stale', tools: before.rows[2]?.tools });
      expect(rows[2]?.reason).toMatch(/503|left alone/);
      expect(names).toEqual(before.names);
    });
  });

  it('says how long to wait when Atlassian limits the rate', async () => {
    await start();
    await estate.list();
    strike({ kind: 'http', status: 429, retryAfterSeconds: 7 });
    const { body } = await estate.call('33333333__getJiraIssue', { issueIdOrKey: 'LAB-1' });
    expect(body.result?._meta).toMatchObject({ 'switchyard/reason': 'rate_limited', retryAfterSeconds: 7 });
    expect(body.result?.content?.[0]?.text).toContain('7 seconds');
  });

  it('reopens a lost session once, unseen', async () => {
    await start();
    await estate.list();
    estate.emulator.control.expireSessions();
    const response = await estate.call('33333333__getJiraIssue', { issueIdOrKey: 'LAB-1' });
    expect(JSON.stringify(said(response))).toContain('LAB-1');
  });
});

describe('a write (I4)', () => {
  const write = [
    '33333333__createJiraIssue',
    { projectKey: 'LAB', issueType: 'Task', summary: 'once' },
  ] as const;

  it.each<FaultEffect>([{ kind: 'reset' }, { kind: 'http', status: 502 }, { kind: 'truncated' }])(
    'reaches the site once although it answers with %o, and the result says that it is not known',
    async (effect) => {
      await start();
      await estate.list();
      strike(effect, { method: 'tools/call' });
      estate.emulator.control.clearRequests();

      const { body } = await estate.call(...write);

      const sent = estate.emulator.control.requests().filter(({ tool }) => tool === 'createJiraIssue');
      expect(sent).toHaveLength(1);
      expect(body.result?.content?.[0]?.text).toContain('not known whether the change was made');
    },
  );

  it('is sent again where it cannot have run: on a session that the site has lost', async () => {
    await start();
    await estate.list();
    estate.emulator.control.expireSessions();
    const { body } = await estate.call(...write);
    expect(body.result?.isError ?? false).toBe(false);
  });
});

describe("upstream's own errors", () => {
  it.each(['isError', 'text'] as const)('are passed on unchanged (%s)', async (style) => {
    await start();
    await estate.list();
    strike({ kind: 'error', id: 'E10', style }, { tool: 'getJiraIssue' });
    const { body } = await estate.call('33333333__getJiraIssue', { issueIdOrKey: 'LAB-1' });
    expect(body.result?.content?.[0]?.text).toContain('We are having trouble completing this action');
    expect(body.result?._meta).toBeUndefined();
  });

  it('that are JSON-RPC errors keep their code and message', async () => {
    await start();
    await estate.list();
    strike({ kind: 'rpc-error', code: -32_050, message: 'their own' }, { tool: 'getJiraIssue' });
    const { body } = await estate.call('33333333__getJiraIssue', { issueIdOrKey: 'LAB-1' });
    expect(body.error).toMatchObject({ code: -32_050, message: 'their own' });
  });
});

describe('a tool that comes or goes', () => {
  const tool = {
    name: 'getJiraWeather',
    inputSchema: { type: 'object', properties: { cloudId: { type: 'string' } } },
  };

  it('is found by a call although the list is still fresh', async () => {
    await start({ more: 'discovery: { freshSeconds: 300 }' });
    await estate.list();
    estate.emulator.control.changeTools({ generation: 'v2', lane: 'labs', add: [tool] });
    await eventually(async () => {
      const { body } = await estate.call('33333333__getJiraWeather');
      expect(body.error).toBeUndefined();
    });
  });

  it('is refetched when upstream announces it', async () => {
    await start({ more: 'discovery: { freshSeconds: 300 }', emulator: { settings: { getStream: true } } });
    await estate.list();
    estate.emulator.control.changeTools({ generation: 'v2', lane: 'labs', add: [tool], notify: true });
    await eventually(async () => {
      expect((await estate.list()).names).toContain('33333333__getJiraWeather');
    });
  });

  it('is asked for anew when upstream does not know it any more', async () => {
    await start({ more: 'discovery: { freshSeconds: 300 }' });
    await estate.list();
    estate.emulator.control.changeTools({ generation: 'v2', lane: 'labs', remove: ['getJiraIssue'] });
    await estate.call('33333333__getJiraIssue', { issueIdOrKey: 'LAB-1' });
    await eventually(async () => {
      expect((await estate.list()).names).not.toContain('33333333__getJiraIssue');
    });
  });
});
