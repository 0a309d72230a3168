import { inspect } from 'node:util';

import type { FaultSpec } from '@switchyard/rovo-emulator';
import { describe, expect, it, vi } from 'vitest';

import type { UpstreamError } from '../src/index.ts';
import {
  ALICE,
  basic,
  callOf,
  closedEndpoint,
  failureOf,
  startEmulator,
  startRaw,
  startUpstream,
  targetOf,
  writeOf,
} from './fixture.ts';

type Effect = FaultSpec['effect'];

const http = (status: number, rest: Partial<Extract<Effect, { kind: 'http' }>> = {}): Effect => ({
  kind: 'http',
  status,
  body: `You sent ${ALICE}`,
  ...rest,
});

/** Nothing that a log could print of an error may hold a credential. */
function expectNoCredential(error: UpstreamError): void {
  const printed =
    inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error) + String(error.stack);
  for (const secret of [ALICE, ALICE.slice('Basic '.length), 'demo-alice-token', 'alice@demo.example']) {
    expect(printed).not.toContain(secret);
  }
}

const EFFECTS: [string, Effect, { code: string; executed: boolean; reads: number; writes: number }][] = [
  ['a reset', { kind: 'reset' }, { code: 'unavailable', executed: true, reads: 2, writes: 1 }],
  ['half an answer', { kind: 'truncated' }, { code: 'unavailable', executed: true, reads: 2, writes: 1 }],
  ['HTTP 500', http(500), { code: 'unavailable', executed: true, reads: 2, writes: 1 }],
  ['HTTP 502', http(502), { code: 'unavailable', executed: true, reads: 2, writes: 1 }],
  ['HTTP 503', http(503), { code: 'unavailable', executed: true, reads: 2, writes: 1 }],
  ['a page', { kind: 'garbage' }, { code: 'garbled', executed: true, reads: 1, writes: 1 }],
  ['silence', { kind: 'hang' }, { code: 'timeout', executed: true, reads: 1, writes: 1 }],
  ['HTTP 401', http(401), { code: 'unauthorized', executed: false, reads: 1, writes: 1 }],
  ['HTTP 403', http(403), { code: 'unauthorized', executed: false, reads: 1, writes: 1 }],
  ['HTTP 429', http(429), { code: 'rate_limited', executed: false, reads: 1, writes: 1 }],
  ['HTTP 400', http(400), { code: 'garbled', executed: true, reads: 1, writes: 1 }],
  ['HTTP 302', http(302), { code: 'garbled', executed: true, reads: 1, writes: 1 }],
  [
    'a session lost for good',
    { kind: 'session-lost' },
    { code: 'session_lost', executed: false, reads: 2, writes: 2 },
  ],
];

describe('a call that meets', () => {
  it.each(EFFECTS)('%s is classified and a write is sent at most once (I4)', async (_, effect, expected) => {
    const { emulator, endpoint, asked } = await startEmulator();
    const { upstream, events } = startUpstream({
      circuit: { failures: 1_000, openMs: 1, maxOpenMs: 1 },
    });
    emulator.control.addFault({ match: { method: 'tools/call' }, effect });
    const timeoutMs = effect.kind === 'hang' ? 150 : 5_000;

    const read = await failureOf(upstream.send(targetOf(endpoint), callOf({ timeoutMs })));
    const reads = asked('tools/call').length;
    const write = await failureOf(upstream.send(targetOf(endpoint), writeOf({ timeoutMs })));
    const writes = asked('tools/call').length - reads;

    expect({ code: read.code, executed: read.mayHaveExecuted, reads, writes }).toEqual(expected);
    expect([write.code, write.mayHaveExecuted]).toEqual([expected.code, expected.executed]);
    expect(read.message).toMatch(
      effect.kind === 'hang' ? /^eng did not answer within 150 ms$/ : /127\.0\.0\.1/,
    );
    expect(events.findLast(({ type }) => type === 'operation')).toMatchObject({ errorType: expected.code });
    for (const error of [read, write]) expectNoCredential(error);
  });

  it.each([
    ['a reset', { kind: 'reset' }],
    ['half an answer', { kind: 'truncated' }],
    ['HTTP 500', http(500)],
  ] as const)('%s once succeeds if it only reads', async (_, effect) => {
    const { emulator, endpoint } = await startEmulator();
    const { upstream, events } = startUpstream();
    emulator.control.addFault({ match: { method: 'tools/call' }, effect, times: 1 });

    await upstream.send(targetOf(endpoint), callOf());
    expect(events.filter(({ type }) => type === 'retry')).toEqual([
      { type: 'retry', site: 'eng', reason: 'read_failed' },
    ]);
  });

  it.each([
    ['7', 7],
    ['0', 0],
    [() => new Date(Date.now() + 60_000).toUTCString(), 60],
    [() => new Date(Date.now() - 60_000).toUTCString(), 0],
    ['soon', undefined],
    [undefined, undefined],
  ])('HTTP 429 tells when to come again: %s', async (retryAfter, seconds) => {
    const value = typeof retryAfter === 'function' ? retryAfter() : retryAfter;
    const server = await startRaw(
      (response) => void response.writeHead(429, value === undefined ? {} : { 'retry-after': value }).end(),
    );
    const { upstream } = startUpstream();

    const failure = await failureOf(upstream.send(targetOf(server.endpoint), callOf()));
    expect(failure.code).toBe('rate_limited');
    if (seconds === 60) expect([59, 60]).toContain(failure.retryAfterSeconds);
    else expect(failure.retryAfterSeconds).toBe(seconds);
  });
});

describe('the opening of a session that meets', () => {
  it.each<[string, Effect, string, number]>([
    ['a reset', { kind: 'reset' }, 'unavailable', 2],
    ['half an answer', { kind: 'truncated' }, 'unavailable', 2],
    ['HTTP 500', http(500), 'unavailable', 2],
    ['HTTP 404', http(404), 'no_endpoint', 1],
    ['a page', { kind: 'garbage' }, 'garbled', 1],
    ['silence', { kind: 'hang' }, 'timeout', 1],
    ['HTTP 401', http(401), 'unauthorized', 1],
    ['HTTP 403', http(403), 'unauthorized', 1],
    ['HTTP 400', http(400), 'garbled', 1],
    ['HTTP 302', http(302), 'garbled', 1],
    ['HTTP 429', http(429, { retryAfterSeconds: 9 }), 'rate_limited', 1],
    ['an error', { kind: 'rpc-error', code: -32000, message: `You sent ${ALICE}` }, 'garbled', 1],
  ])('%s executed nothing, so that even a write may try again', async (_, effect, code, attempts) => {
    const { emulator, endpoint, asked } = await startEmulator();
    const { upstream } = startUpstream({ initializeTimeoutMs: 300 });
    emulator.control.addFault({ match: { method: 'initialize' }, effect });

    const failure = await failureOf(upstream.send(targetOf(endpoint), writeOf()));
    expect([failure.code, failure.mayHaveExecuted]).toEqual([code, false]);
    expect(failure.retryAfterSeconds).toBe(code === 'rate_limited' ? 9 : undefined);
    expect([asked('initialize').length, asked('tools/call').length]).toEqual([attempts, 0]);
    expectNoCredential(failure);
  });

  it('trouble once is not seen by a write', async () => {
    const { emulator, endpoint, asked } = await startEmulator();
    const { upstream, events } = startUpstream();
    emulator.control.addFault({ match: { method: 'initialize' }, effect: http(503), times: 1 });

    await upstream.send(targetOf(endpoint), writeOf());
    expect(asked('tools/call')).toHaveLength(1);
    expect(events).toContainEqual({ type: 'retry', site: 'eng', reason: 'not_sent' });
  });

  it('nobody at the other end is told as such', async () => {
    const { upstream, events } = startUpstream();

    const failure = await failureOf(upstream.send(targetOf(await closedEndpoint()), writeOf()));
    expect(failure).toMatchObject({
      code: 'unavailable',
      mayHaveExecuted: false,
      message: expect.stringContaining('cannot be reached (ECONNREFUSED)') as string,
    });
    expect(events).toContainEqual({ type: 'retry', site: 'eng', reason: 'not_sent' });
    expectNoCredential(failure);
  });

  it.each(['demo-alice-token\nx', 'demo-alice-token\u0000', 'demo-alice-tokeń'])(
    'a credential that no header can carry does not print it (I5)',
    async (secret) => {
      const { endpoint } = await startEmulator();
      const { upstream } = startUpstream();
      const bad = [targetOf(endpoint, `Bearer ${secret}`), targetOf(endpoint, `${ALICE}\n`)];

      for (const target of bad) {
        const failure = await failureOf(upstream.send(target, callOf()));
        expect(failure.code).toBe('unauthorized');
        expectNoCredential(failure);
      }
    },
  );
});

describe('a request that nobody waits for any more', () => {
  it.each(['timeout', 'cancelled'] as const)('is cancelled at the site: %s', async (code) => {
    const { emulator, endpoint, asked } = await startEmulator();
    const { upstream } = startUpstream();
    emulator.control.addFault({ match: { method: 'tools/call' }, effect: { kind: 'hang' } });
    const caller = new AbortController();
    const timeoutMs = code === 'timeout' ? 100 : 5_000;

    const waiting = failureOf(
      upstream.send(targetOf(endpoint), writeOf({ timeoutMs, signal: caller.signal })),
    );
    await vi.waitFor(() => expect(asked('tools/call')).toHaveLength(1));
    if (code === 'cancelled') caller.abort();
    expect((await waiting).code).toBe(code);

    await vi.waitFor(() => expect(asked('notifications/cancelled')).toHaveLength(1));
    const [call] = asked('tools/call');
    expect(asked('notifications/cancelled')[0]).toMatchObject({
      params: { requestId: call?.rpcId },
      sessionId: call?.sessionId,
    });
  });

  it('is not sent at all when the caller gave up before', async () => {
    const { endpoint, asked } = await startEmulator();
    const { upstream } = startUpstream();
    await upstream.send(targetOf(endpoint), callOf());

    const failure = await failureOf(
      upstream.send(targetOf(endpoint), writeOf({ signal: AbortSignal.abort() })),
    );
    expect([failure.code, asked('tools/call').length]).toEqual(['cancelled', 1]);
  });

  it('leaves the requests of others alone', async () => {
    const { emulator, endpoint } = await startEmulator();
    const { upstream } = startUpstream();
    emulator.control.addFault({ match: { tool: 'getJiraIssue' }, effect: { kind: 'hang' } });
    const slow = failureOf(
      upstream.send(targetOf(endpoint), callOf({ tool: 'getJiraIssue', timeoutMs: 200 })),
    );
    const others = Array.from({ length: 20 }, () => upstream.send(targetOf(endpoint), callOf()));

    expect(await Promise.all(others)).toHaveLength(20);
    expect((await slow).code).toBe('timeout');
  });
});

it('a credential that is worth nothing still initialises, and that is no failure here', async () => {
  const { endpoint, asked } = await startEmulator();
  const { upstream } = startUpstream();
  await upstream.send(targetOf(endpoint, basic('nobody@demo.example', 'nothing')), callOf());

  expect(asked('initialize')).toHaveLength(1);
});
