import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { auditFiles, type AuditRecord, queryAudit } from '@switchyard/audit';
import { describe, expect, it, onTestFinished } from 'vitest';

import { eventually } from '../estate.ts';
import { post, type Router, startRouter } from '../interactive/router.ts';
import { call, readOn, type Server, textOf } from './large-client.ts';
import {
  beginAnswer,
  type Era,
  type Framing,
  type LargeSite,
  sendAnswer,
  startLargeSite,
} from './large-site.ts';

const MB = 1024 * 1024;
const FILL = 'x'.repeat(2 * MB);
const WAYS = (['lane', 'node'] as const).flatMap((server) =>
  (['legacy', 'modern'] as const).map((era): readonly [Server, Era] => [server, era]),
);
const FRAMINGS: readonly Framing[] = ['length', 'chunked', 'events'];

interface Scene {
  readonly site: LargeSite;
  readonly router: Router;
  /** Answers of which the beginning has left the site. */
  readonly begun: ServerResponse[];
  /** What `/metrics` has of a name, by its labels. */
  metric(name: string): Promise<string[]>;
}

async function startScene(framing: Framing, more = ''): Promise<Scene> {
  const begun: ServerResponse[] = [];
  const site = await startLargeSite('legacy', ({ res, id }) => {
    beginAnswer(res, framing, 64 * MB);
    if (framing === 'events') res.write('data: ');
    res.write(`{"jsonrpc":"2.0","id":${id},"result":{"text":"${FILL}`);
    begun.push(res);
  });
  const router = await startRouter(site.url, { more });
  return {
    site,
    router,
    begun,
    async metric(name) {
      const text = await (await fetch(`${router.adminUrl}/metrics`)).text();
      return text.split('\n').filter((line) => line.startsWith(`${name}{`) && !line.endsWith(' 0'));
    },
  };
}

describe.each(WAYS)('a large answer by the %s for a %s client', (server, era) => {
  it.each(FRAMINGS)('that its site breaks off is none that looks whole: %s', async (framing) => {
    const { router, begun, metric } = await startScene(framing);
    const response = await call(router.url, { server, era });
    expect(response.statusCode).toBe(200);
    const read = readOn(response);
    for (const res of begun) res.destroy();
    await expect(read).rejects.toThrow('aborted');
    await eventually(async () => {
      expect(await metric('switchyard_answers_broken_off_total')).toEqual([
        'switchyard_answers_broken_off_total{site="eng",reason="unavailable"} 1',
      ]);
      expect(await metric('switchyard_tool_calls_total')).toEqual([
        expect.stringContaining('outcome="unavailable"} 1'),
      ]);
    });
  });

  it('that becomes too large on its way is broken off too', async () => {
    const { router, begun } = await startScene('chunked', `limits: { maxAnswerBytes: ${4 * MB} }`);
    const read = readOn(await call(router.url, { server, era }));
    for (const res of begun) res.write(Buffer.alloc(8 * MB, 'x'));
    await expect(read).rejects.toThrow('aborted');
  });

  it('whose client leaves ends at its site', async () => {
    const { site, router, begun, metric } = await startScene('chunked');
    const response = await call(router.url, { server, era });
    const closed = Promise.all(begun.map((res) => once(res, 'close')));
    expect(begun).toHaveLength(1);
    response.destroy();
    await closed;
    await eventually(async () => {
      expect(site.cancelled).toHaveLength(1);
      expect(await metric('switchyard_answers_broken_off_total')).toEqual([
        'switchyard_answers_broken_off_total{site="eng",reason="cancelled"} 1',
      ]);
    });
  });

  it('whose client reads nothing for too long is broken off', async () => {
    const { router, begun, metric } = await startScene('chunked', 'limits: { readerTimeoutMs: 300 }');
    const response = await call(router.url, { server, era });
    const closed = Promise.all(begun.map((res) => once(res, 'close')));
    for (const res of begun) res.write(Buffer.alloc(64 * MB, 'x'));
    await closed;
    await expect(readOn(response)).rejects.toThrow('aborted');
    await eventually(async () =>
      expect(await metric('switchyard_answers_broken_off_total')).toEqual([
        'switchyard_answers_broken_off_total{site="eng",reason="cancelled"} 1',
      ]),
    );
  });
});

it('an answer that says that it is too large is a failure of its site, told as ever', async () => {
  const { router } = await startScene('length', `limits: { maxAnswerBytes: ${2 * MB} }`);
  expect(await textOf(router.url)).toContain('more than 2097152 bytes');
});

it('a client that left before a large answer began is one that cancels', async () => {
  const answers: (() => void)[] = [];
  const site = await startLargeSite('legacy', ({ res, id }) => {
    const body = `{"jsonrpc":"2.0","id":${id},"result":{"text":"${FILL}"}}`;
    answers.push(() => sendAnswer(res, 'chunked', body));
  });
  const router = await startRouter(site.url);
  const leaving = new AbortController();
  const message = { id: 1, method: 'tools/call', params: { name: 'large', arguments: {} } };
  const left = post(router, message, { signal: leaving.signal });
  await eventually(() => expect(answers).toHaveLength(1));
  leaving.abort();
  await expect(left).rejects.toThrow('aborted');
  // What was still on its way when the client left goes to nobody, so the router may see that first.
  await textOf(router.url, { tool: 'small' });
  for (const answer of answers) answer();
  await eventually(() => expect(site.cancelled).toHaveLength(1));
  const metrics = await (await fetch(`${router.adminUrl}/metrics`)).text();
  expect(metrics).toMatch(/^switchyard_tool_calls_total\{.*outcome="cancelled"\} 1$/m);
});

it('the audit trail has what was passed on, and what was broken off', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'switchyard-large-audit-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  const directory = join(parent, 'trail');
  const text = `{"jsonrpc":"2.0","id":ID,"result":{"text":"${FILL}"}}`;
  const site = await startLargeSite('legacy', ({ res, id }) => {
    if (site.count() === 1) return sendAnswer(res, 'length', text.replace('ID', id));
    beginAnswer(res, 'chunked', 0);
    res.write(text.replace('ID', id).slice(0, 1.5 * MB));
    setTimeout(() => res.destroy(), 50);
  });
  const router = await startRouter(site.url, {
    more: `audit:\n  directory: ${directory}\n  key: 'an audit key of the tests, long enough'\n`,
  });
  await textOf(router.url);
  await expect(textOf(router.url)).rejects.toThrow('aborted');
  await router.close();
  const calls: AuditRecord[] = [];
  for await (const record of queryAudit(await auditFiles([directory]), {}))
    if (record.event === 'call') calls.push(record);
  expect(calls).toMatchObject([
    { tool: 'large', outcome: 'ok', bytes: expect.any(Number) as number },
    { tool: 'large', outcome: 'unavailable' },
  ]);
  expect(calls[0]?.bytes).toBeGreaterThan(MB);
  expect(calls[1]?.bytes).toBeUndefined();
});
