import type { FaultEffect } from '@switchyard/rovo-emulator';
import { describe, expect, it, type TestContext } from 'vitest';

import { type Estate, type EstateOptions, eventually, said, startEstate, THREE_LANES } from './estate.ts';

/** Short where somebody waits for their end, long where nobody does: a busy machine is late too. */
const HURRIED = 'discovery: { deadlineMs: 1000, freshSeconds: 1 }\nlimits: { callTimeoutMs: 1000 }';
const PATIENT = 'discovery: { deadlineMs: 10000, freshSeconds: 1 }\nlimits: { callTimeoutMs: 10000 }';

/** An estate of one test: the tests of this file wait more than they work, so they run side by side. */
async function start({ onTestFinished }: TestContext, options: EstateOptions = {}): Promise<Estate> {
  const estate = await startEstate({ sites: THREE_LANES, more: PATIENT, ...options });
  onTestFinished(() => estate.close());
  return estate;
}

function strike(
  { emulator }: Estate,
  effect: FaultEffect,
  match: Readonly<Record<string, string>> = {},
): void {
  emulator.control.addFault({ match: { lane: 'labs', ...match }, effect });
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

describe.concurrent.each(CASES)(
  'a site that %s from the start',
  (_, { effect, reason, status = 'unavailable' }) => {
    const how = { more: effect.kind === 'hang' ? HURRIED : PATIENT };

    it('costs the other sites nothing: their tools are listed, _meta says what is missing', async (context) => {
      const estate = await start(context, how);
      strike(estate, effect);

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

    it('answers calls to it as a result with a reason, and calls to the others as ever', async (context) => {
      const estate = await start(context, how);
      await estate.list();
      strike(estate, effect);

      const sick = await estate.call('33333333__getJiraIssue', { issueIdOrKey: 'LAB-1' });
      const well = await estate.call('eng__getJiraIssue', { issueIdOrKey: 'ENG-1' });

      expect(sick.status).toBe(200);
      expect(sick.body.result?.isError).toBe(true);
      expect(sick.body.result?._meta?.['switchyard/reason']).toMatch(reason);
      expect(sick.body.result?.content?.[0]?.text).toMatch(/gamma-labs/);
      expect(JSON.stringify(said(well))).toContain('ENG-1');
    });

    it('comes back by itself', async (context) => {
      const estate = await start(context, how);
      strike(estate, effect);
      await estate.list();
      estate.emulator.control.clearFaults();

      await eventually(async () => {
        const { rows } = await estate.list();
        expect(rows.map((row) => row.status)).toEqual(['ok', 'ok', 'ok']);
      });
      const response = await estate.call('33333333__getJiraIssue', { issueIdOrKey: 'LAB-1' });
      expect(JSON.stringify(said(response))).toContain('LAB-1');
    });
  },
);

describe.concurrent('the first site of the configuration', () => {
  it('keeps nobody out when it hangs: the next endpoint says who calls', async (context) => {
    const estate = await start(context, { more: 'discovery: { deadlineMs: 3000 }' });
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

describe.concurrent('a site that fails after its list is known', () => {
  it('keeps its tools, as stale, until it is back', async (context) => {
    const estate = await start(context);
    const before = await estate.list();
    strike(estate, { kind: 'http', status: 503 });

    await eventually(async () => {
      const { rows, names } = await estate.list();
      expect(rows[2]).toMatchObject({ site: '33333333', status: 'stale', tools: before.rows[2]?.tools });
      expect(rows[2]?.reason).toMatch(/503|left alone/);
      expect(names).toEqual(before.names);
    });
  });

  it('says how long to wait when Atlassian limits the rate', async (context) => {
    const estate = await start(context);
    await estate.list();
    strike(estate, { kind: 'http', status: 429, retryAfterSeconds: 7 });
    const { body } = await estate.call('33333333__getJiraIssue', { issueIdOrKey: 'LAB-1' });
    expect(body.result?._meta).toMatchObject({ 'switchyard/reason': 'rate_limited', retryAfterSeconds: 7 });
    expect(body.result?.content?.[0]?.text).toContain('7 seconds');
  });

  it('reopens a lost session once, unseen', async (context) => {
    const estate = await start(context);
    await estate.list();
    estate.emulator.control.expireSessions();
    const response = await estate.call('33333333__getJiraIssue', { issueIdOrKey: 'LAB-1' });
    expect(JSON.stringify(said(response))).toContain('LAB-1');
  });
});

describe.concurrent('a write (I4)', () => {
  const write = [
    '33333333__createJiraIssue',
    { projectKey: 'LAB', issueType: 'Task', summary: 'once' },
  ] as const;

  it.for<FaultEffect>([{ kind: 'reset' }, { kind: 'http', status: 502 }, { kind: 'truncated' }])(
    'reaches the site once although it answers with %o, and the result says that it is not known',
    async (effect, context) => {
      const estate = await start(context);
      await estate.list();
      strike(estate, effect, { method: 'tools/call' });
      estate.emulator.control.clearRequests();

      const { body } = await estate.call(...write);

      const sent = estate.emulator.control.requests().filter(({ tool }) => tool === 'createJiraIssue');
      expect(sent).toHaveLength(1);
      expect(body.result?.content?.[0]?.text).toContain('not known whether the change was made');
    },
  );

  it('is sent again where it cannot have run: on a session that the site has lost', async (context) => {
    const estate = await start(context);
    await estate.list();
    estate.emulator.control.expireSessions();
    const { body } = await estate.call(...write);
    expect(body.result?.isError ?? false).toBe(false);
  });
});

describe.concurrent("upstream's own errors", () => {
  it.for(['isError', 'text'] as const)('are passed on unchanged (%s)', async (style, context) => {
    const estate = await start(context);
    await estate.list();
    strike(estate, { kind: 'error', id: 'E10', style }, { tool: 'getJiraIssue' });
    const { body } = await estate.call('33333333__getJiraIssue', { issueIdOrKey: 'LAB-1' });
    expect(body.result?.content?.[0]?.text).toContain('We are having trouble completing this action');
    expect(body.result?._meta).toBeUndefined();
  });

  it('that are JSON-RPC errors keep their code and message', async (context) => {
    const estate = await start(context);
    await estate.list();
    strike(estate, { kind: 'rpc-error', code: -32_050, message: 'their own' }, { tool: 'getJiraIssue' });
    const { body } = await estate.call('33333333__getJiraIssue', { issueIdOrKey: 'LAB-1' });
    expect(body.error).toMatchObject({ code: -32_050, message: 'their own' });
  });
});

describe.concurrent('a tool that comes or goes', () => {
  const tool = {
    name: 'getJiraWeather',
    inputSchema: { type: 'object', properties: { cloudId: { type: 'string' } } },
  };

  it('is found by a call although the list is still fresh', async (context) => {
    const estate = await start(context, { more: 'discovery: { freshSeconds: 300 }' });
    await estate.list();
    estate.emulator.control.changeTools({ generation: 'v2', lane: 'labs', add: [tool] });
    await eventually(async () => {
      const { body } = await estate.call('33333333__getJiraWeather');
      expect(body.error).toBeUndefined();
    });
  });

  it('is refetched when upstream announces it', async (context) => {
    const estate = await start(context, {
      more: 'discovery: { freshSeconds: 300 }',
      emulator: { settings: { getStream: true } },
    });
    await estate.list();
    estate.emulator.control.changeTools({ generation: 'v2', lane: 'labs', add: [tool], notify: true });
    await eventually(async () => {
      expect((await estate.list()).names).toContain('33333333__getJiraWeather');
    });
  });

  it('is asked for anew when upstream does not know it any more', async (context) => {
    const estate = await start(context, { more: 'discovery: { freshSeconds: 300 }' });
    await estate.list();
    estate.emulator.control.changeTools({ generation: 'v2', lane: 'labs', remove: ['getJiraIssue'] });
    await estate.call('33333333__getJiraIssue', { issueIdOrKey: 'LAB-1' });
    await eventually(async () => {
      expect((await estate.list()).names).not.toContain('33333333__getJiraIssue');
    });
  });
});
