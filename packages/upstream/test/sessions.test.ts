import { EventEmitter, once } from 'node:events';

import { describe, expect, it, vi } from 'vitest';

import {
  ALICE,
  basic,
  BOB,
  callOf,
  type Endpoint,
  failureOf,
  initializeAnswer,
  sendResult,
  startEmulator,
  startRaw,
  startUpstream,
  targetOf,
  writeOf,
} from './fixture.ts';

/** The sessions of the journal by the account that used them. */
function sessionsOf({ asked }: Endpoint, account: string): Set<string | undefined> {
  const calls = asked('tools/call').filter((request) => request.account === account);
  return new Set(calls.map(({ sessionId }) => sessionId));
}

describe('a session that could not be opened', () => {
  it('is not remembered', async () => {
    const { emulator, endpoint } = await startEmulator();
    const { upstream, events } = startUpstream();
    emulator.control.addFault({
      match: { method: 'initialize' },
      effect: { kind: 'http', status: 401 },
      times: 1,
    });

    expect((await failureOf(upstream.send(targetOf(endpoint), callOf()))).code).toBe('unauthorized');
    expect(events.filter(({ type }) => type === 'sessions').at(-1)).toMatchObject({ count: 0 });

    await upstream.send(targetOf(endpoint), callOf());
    expect(events.filter(({ type }) => type === 'sessions').at(-1)).toMatchObject({ count: 1 });
  });

  it('fails all who wait for it, and is tried once for all of them', async () => {
    const { emulator, endpoint, asked } = await startEmulator();
    const { upstream } = startUpstream();
    emulator.control.addFault({ match: { method: 'initialize' }, effect: { kind: 'http', status: 403 } });
    const calls = Array.from({ length: 10 }, () => failureOf(upstream.send(targetOf(endpoint), callOf())));

    for (const failure of await Promise.all(calls)) expect(failure.code).toBe('unauthorized');
    expect(asked('initialize')).toHaveLength(1);
  });

  it('does not end because one of those who wait gives up', async () => {
    const gate = new EventEmitter();
    const opened = once(gate, 'open');
    const server = await startRaw(
      (response, received) => sendResult(response, received, {}),
      (response, received) => void opened.then(() => initializeAnswer(response, received)),
    );
    const { upstream } = startUpstream();
    const giver = new AbortController();
    const given = failureOf(upstream.send(targetOf(server.endpoint), callOf({ signal: giver.signal })));
    const kept = upstream.send(targetOf(server.endpoint), callOf());
    await vi.waitFor(() => expect(server.count('initialize')).toBe(1));

    giver.abort();
    expect((await given).code).toBe('cancelled');
    gate.emit('open');
    expect((await kept).body.toString()).toContain('"result"');
    expect([server.count('initialize'), server.count('tools/call')]).toEqual([1, 1]);
  });
});

describe('a lost session', () => {
  it('is opened again once, unseen, for a read and for a write', async () => {
    const { emulator, endpoint, asked } = await startEmulator();
    const { upstream, events } = startUpstream();
    await upstream.send(targetOf(endpoint), callOf());

    for (const request of [callOf(), writeOf()]) {
      emulator.control.expireSessions();
      const answer = await upstream.send(targetOf(endpoint), request);
      expect(answer.body.toString()).toContain('"result"');
    }
    expect(asked('initialize')).toHaveLength(3);
    expect(events.filter(({ type }) => type === 'retry')).toEqual([
      { type: 'retry', site: 'eng', reason: 'session_lost' },
      { type: 'retry', site: 'eng', reason: 'session_lost' },
    ]);
  });

  it('that is lost again at once is told', async () => {
    const server = await startRaw((response) => void response.writeHead(404).end());
    const { upstream } = startUpstream();

    const failure = await failureOf(upstream.send(targetOf(server.endpoint), callOf()));
    expect(failure).toMatchObject({ code: 'session_lost', mayHaveExecuted: false });
    expect([server.count('initialize'), server.count('tools/call')]).toEqual([2, 2]);
  });

  it('is opened again once for all requests that meet it', async () => {
    const { emulator, endpoint, asked } = await startEmulator();
    const { upstream } = startUpstream();
    await upstream.send(targetOf(endpoint), callOf());
    emulator.control.expireSessions();

    await Promise.all(Array.from({ length: 20 }, () => upstream.send(targetOf(endpoint), callOf())));
    expect(asked('initialize')).toHaveLength(2);
  });

  it('is forgotten as well when the credential is refused on it', async () => {
    const { emulator, endpoint, asked } = await startEmulator();
    const { upstream } = startUpstream();
    await upstream.send(targetOf(endpoint), callOf());
    emulator.control.addFault({
      match: { method: 'tools/call' },
      effect: { kind: 'http', status: 401 },
      times: 1,
    });

    expect((await failureOf(upstream.send(targetOf(endpoint), callOf()))).code).toBe('unauthorized');
    await upstream.send(targetOf(endpoint), callOf());
    expect(asked('initialize')).toHaveLength(2);
  });
});

describe('a session', () => {
  it('is opened once for many requests at a time', async () => {
    const { endpoint, asked } = await startEmulator();
    const { upstream } = startUpstream();

    await Promise.all(Array.from({ length: 50 }, () => upstream.send(targetOf(endpoint), callOf())));
    expect([asked('initialize').length, asked('tools/call').length]).toEqual([1, 50]);
    expect(new Set(asked('tools/call').map(({ rpcId }) => rpcId)).size).toBe(50);
  });

  it('serves every site of its credential at one endpoint, and is counted at each', async () => {
    const { endpoint, asked } = await startEmulator();
    const { upstream, events } = startUpstream();

    for (const site of ['eng', 'ops', 'lab', 'eng'])
      await upstream.send(targetOf(endpoint, ALICE, site), callOf());
    expect(asked('initialize')).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'sessions')).toEqual(
      ['eng', 'ops', 'lab'].map((site) => ({ type: 'sessions', site, count: 1 })),
    );
  });

  it('is not shared by two endpoints', async () => {
    const { url, asked } = await startEmulator();
    const { upstream } = startUpstream();

    for (const path of ['/v1/mcp', '/v2/mcp', '/lane/v2/mcp'])
      await upstream.send(targetOf(url + path), callOf());
    expect(asked('initialize').map(({ path }) => path)).toEqual(['/v1/mcp', '/v2/mcp', '/lane/v2/mcp']);
  });

  it('is never shared by two credentials (I1)', async () => {
    const emulated = await startEmulator();
    const { upstream, events } = startUpstream();
    const senders = [ALICE, BOB, 'Bearer demo-service-key'];

    await Promise.all(
      senders.flatMap((who) =>
        Array.from({ length: 10 }, () => upstream.send(targetOf(emulated.endpoint, who), callOf())),
      ),
    );
    const used = ['712020:alice', '712020:bob', '712020:service-bot'].map((who) => sessionsOf(emulated, who));
    expect(used.map(({ size }) => size)).toEqual([1, 1, 1]);
    expect(new Set(used.flatMap((each) => [...each])).size).toBe(3);
    expect(emulated.asked('tools/call')).toHaveLength(30);
    expect(events.filter(({ type }) => type === 'sessions').at(-1)).toMatchObject({ site: 'eng', count: 3 });
  });

  it('ends when nobody used it for a while', async () => {
    const { emulator, endpoint, asked } = await startEmulator();
    const { upstream, events } = startUpstream({ sessionIdleMs: 50 });
    await upstream.send(targetOf(endpoint), callOf());

    await vi.waitFor(() => expect(emulator.control.sessionCount()).toBe(0), { timeout: 5_000 });
    expect(asked('DELETE')).toHaveLength(1);
    expect(events.filter(({ type }) => type === 'sessions').at(-1)).toMatchObject({ site: 'eng', count: 0 });
  });

  it('makes room when there are too many', async () => {
    const { emulator, endpoint } = await startEmulator();
    const { upstream, events } = startUpstream({ maxSessions: 2 });
    const senders = [ALICE, BOB, 'Bearer demo-service-key', basic('nobody@demo.example', 'x')];

    for (const who of senders) await upstream.send(targetOf(endpoint, who), callOf());
    await vi.waitFor(() => expect(emulator.control.sessionCount()).toBe(2));
    const counts = events.flatMap((event) => (event.type === 'sessions' ? event.count : []));
    expect([Math.max(...counts) <= 3, counts.at(-1)]).toEqual([true, 2]);
  });
});

describe('close', () => {
  it('ends every session once, however often it is called', async () => {
    const { emulator, endpoint, asked } = await startEmulator();
    const { upstream, events } = startUpstream();
    await Promise.all([ALICE, BOB].map((who) => upstream.send(targetOf(endpoint, who), callOf())));

    await Promise.all([upstream.close(), upstream.close()]);
    await upstream.close();
    expect(emulator.control.sessionCount()).toBe(0);
    expect(asked('DELETE')).toHaveLength(2);
    expect(events.filter(({ type }) => type === 'sessions').at(-1)).toMatchObject({ count: 0 });
  });

  it('ends what still waits for an answer, and lets nothing begin', async () => {
    const { emulator, endpoint, asked } = await startEmulator();
    const { upstream } = startUpstream();
    emulator.control.addFault({ match: { method: 'tools/call' }, effect: { kind: 'hang' } });
    const waiting = failureOf(upstream.send(targetOf(endpoint), writeOf()));
    await vi.waitFor(() => expect(asked('tools/call')).toHaveLength(1));

    await upstream.close();
    expect((await waiting).code).toBe('unavailable');
    expect((await failureOf(upstream.send(targetOf(endpoint), callOf()))).code).toBe('unavailable');
    expect(asked('tools/call')).toHaveLength(1);
  });
});
