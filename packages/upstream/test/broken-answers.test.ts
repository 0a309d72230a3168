import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, it, vi } from 'vitest';

import type { LargeAnswerReader } from '../src/index.ts';
import { HELD_BYTES } from '../src/passed-answer.ts';
import { callOf, failureOf, type RawServer, startRaw, startUpstream, targetOf } from './fixture.ts';
import {
  begin,
  FILL,
  type Framing,
  idFirst,
  idLast,
  idOf,
  LARGE,
  Reader,
  site,
  wireOf,
} from './large-fixture.ts';

const MB = 1_048_576;
const FRAMINGS: readonly Framing[] = ['length', 'chunked', 'events'];

/** A site that begins a large answer; the test does what comes then. */
async function startedSite(
  framing: Framing = 'chunked',
): Promise<{ readonly server: RawServer; readonly responses: ServerResponse[] }> {
  const responses: ServerResponse[] = [];
  const server = await startRaw((response, received) => {
    const whole = idFirst(idOf(received), `{"text":"${FILL}${FILL}"}`);
    const wire = wireOf(framing, whole);
    begin(response, wire);
    response.write(wire.bytes.subarray(0, 2 * HELD_BYTES));
    responses.push(response);
  });
  return { server, responses };
}

/** Sends as much as the connection takes, and counts it. */
async function largeSite(size: number): Promise<{ readonly server: RawServer; readonly left: () => number }> {
  let left = 0;
  const fill = Buffer.alloc(HELD_BYTES, 'x');
  const sendOn = (response: ServerResponse): void => {
    while (left < size) {
      left += fill.length;
      if (!response.write(fill)) return void response.once('drain', () => sendOn(response));
    }
    response.end('"}}');
  };
  const server = await startRaw((response, received) => {
    begin(response, wireOf('chunked', ''));
    response.write(`{"jsonrpc":"2.0","id":${idOf(received)},"result":{"text":"`);
    sendOn(response);
  });
  return { server, left: () => left };
}

describe('an answer that breaks off after its reader has begun', () => {
  it.each<[string, string, (response: ServerResponse) => void, Framing?]>([
    ['the connection is lost', 'unavailable', (response) => response.destroy()],
    ['the connection is lost before its length', 'unavailable', (response) => response.destroy(), 'length'],
    ['it ends in its middle', 'garbled', (response) => void response.end()],
    ['its stream ends in the middle of the event', 'garbled', (response) => void response.end(), 'events'],
    ['it becomes too large', 'garbled', (response) => void response.end(Buffer.alloc(8 * MB, 'x'))],
    [
      'its event becomes too large',
      'garbled',
      (response) => void response.end(Buffer.alloc(8 * MB, 'x')),
      'events',
    ],
    ['the rest never comes', 'timeout', () => {}],
  ])('fails, is never asked for again, and the reader hears of it: %s', async (_, code, breakIt, framing) => {
    const { server, responses } = await startedSite(framing);
    const { upstream, events } = startUpstream({ maxAnswerBytes: 6 * MB });
    const reader = new Reader();
    const sent = failureOf(
      upstream.send(
        targetOf(server.endpoint),
        callOf({ reader, timeoutMs: code === 'timeout' ? 1_000 : 5_000 }),
      ),
    );
    await vi.waitFor(() => expect(reader.answer).toBeDefined());
    for (const response of responses) breakIt(response);

    expect(await sent).toMatchObject({ code, brokenOff: true, mayHaveExecuted: true });
    expect(reader.ends).toEqual(['broken']);
    expect(server.count('tools/call')).toBe(1);
    expect(events.filter(({ type }) => type === 'broken-off')).toEqual([
      { type: 'broken-off', site: 'eng', reason: code },
    ]);
    expect(events.filter(({ type }) => type === 'retry')).toEqual([]);
    expect(events.findLast(({ type }) => type === 'operation')).toMatchObject({ errorType: code });
  });

  it.each<[string, (id: string) => string]>([
    ['never has its id', () => `{"result":${LARGE},"jsonrpc":"2.0"}`],
    ['has another one', () => idLast('"sy-9"', LARGE)],
    ['has it in its result alone', (id) => `{"result":{"text":"${FILL}","id":${id}}}`],
  ])('is one that %s', async (_, bodyOf) => {
    for (const framing of FRAMINGS) {
      const server = await site(framing, bodyOf);
      const { upstream } = startUpstream();
      const reader = new Reader();
      const failure = await failureOf(upstream.send(targetOf(server.endpoint), callOf({ reader })));
      expect(failure).toMatchObject({ code: 'garbled', brokenOff: true });
      expect(reader.ends).toEqual(['broken']);
    }
  });
});

describe('an answer that says that it is too large', () => {
  it('is refused before anything of it has come', async () => {
    const server = await startRaw((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 3 * MB });
      response.flushHeaders();
    });
    const { upstream } = startUpstream({ maxAnswerBytes: 2 * MB });
    const reader = new Reader();

    for (const each of [undefined, reader]) {
      const call = callOf({ reader: each, idempotent: false, timeoutMs: 20_000 });
      expect(await failureOf(upstream.send(targetOf(server.endpoint), call))).toMatchObject({
        code: 'garbled',
        brokenOff: false,
        message: expect.stringContaining('more than 2097152 bytes') as string,
      });
    }
    expect(reader.answer).toBeUndefined();
  });
});

describe('a reader that leaves', () => {
  it('ends the request: its site hears of it and the connection is closed', async () => {
    const { server, responses } = await startedSite();
    const { upstream, events } = startUpstream();
    const reader = new Reader();
    const sent = failureOf(upstream.send(targetOf(server.endpoint), callOf({ reader })));
    await vi.waitFor(() => expect(reader.answer).toBeDefined());
    const closed = once(responses[0]?.socket ?? process, 'close');
    reader.answer?.giveUp();
    reader.answer?.giveUp();

    expect(await sent).toMatchObject({ code: 'cancelled', brokenOff: true });
    await closed;
    await vi.waitFor(() => expect(server.count('notifications/cancelled')).toBe(1));
    expect(reader.ends).toEqual(['broken']);
    expect(events.filter(({ type }) => type === 'circuit')).toEqual([]);
  });

  it('may have left before: then nothing of it is kept', async () => {
    const server = await site('chunked', (id) => idFirst(id, LARGE));
    const { upstream } = startUpstream();
    const reader: LargeAnswerReader = {
      takeLarge(answer) {
        answer.giveUp();
        return undefined;
      },
    };
    const failure = await failureOf(upstream.send(targetOf(server.endpoint), callOf({ reader })));
    expect(failure).toMatchObject({ code: 'cancelled', brokenOff: false });
  });

  it('ends it as well by the signal of its request', async () => {
    const { server } = await startedSite();
    const { upstream } = startUpstream();
    const reader = new Reader();
    const caller = new AbortController();
    const call = callOf({ reader, signal: caller.signal });
    const sent = failureOf(upstream.send(targetOf(server.endpoint), call));
    await vi.waitFor(() => expect(reader.answer).toBeDefined());
    caller.abort();
    expect(await sent).toMatchObject({ code: 'cancelled', brokenOff: true });
  });
});

describe('a reader that cannot take more', () => {
  it('makes its site wait', async () => {
    const { server, left } = await largeSite(64 * MB);
    const { upstream } = startUpstream();
    let isOpen = false;
    const reader = new Reader((answer) => void (isOpen || answer.pause(20_000)));
    const sent = upstream.send(targetOf(server.endpoint), callOf({ reader }));
    await vi.waitFor(() => expect(reader.answer).toBeDefined());
    await delay(300);
    expect(left()).toBeLessThan(32 * MB);
    expect(reader.text.length).toBeLessThan(4 * HELD_BYTES);

    isOpen = true;
    reader.answer?.resume();
    expect((await sent).passedOn).toBeGreaterThan(64 * MB);
    expect(reader.text).toHaveLength(64 * MB + idFirst('42', '{"text":""}').length);
  });

  it('has its own time: that of the site does not run meanwhile', async () => {
    const { server } = await largeSite(8 * MB);
    const { upstream } = startUpstream();
    const pauses = { left: 3 };
    const reader = new Reader((answer) => {
      if (pauses.left === 0) return;
      pauses.left -= 1;
      answer.pause(5_000);
      setTimeout(() => answer.resume(), 400);
    });
    const answer = await upstream.send(targetOf(server.endpoint), callOf({ reader, timeoutMs: 600 }));
    expect(answer.passedOn).toBeGreaterThan(8 * MB);
    expect(pauses.left).toBe(0);
  });

  it('is given up when that is over', async () => {
    const { server } = await largeSite(64 * MB);
    const { upstream, events } = startUpstream();
    const reader = new Reader((answer) => answer.pause(150));
    const failure = await failureOf(upstream.send(targetOf(server.endpoint), callOf({ reader })));
    expect(failure).toMatchObject({
      code: 'cancelled',
      brokenOff: true,
      message: 'its reader took nothing of the answer for 150 ms',
    });
    expect(reader.ends).toEqual(['broken']);
    expect(events.filter(({ type }) => type === 'circuit')).toEqual([]);
  });

  it('leaves the connection fit for the next request, though the answer ended meanwhile', async () => {
    const sockets = new Set<unknown>();
    const server = await startRaw((response, received) => {
      sockets.add(response.socket);
      const wire = wireOf('length', idFirst(idOf(received), LARGE));
      begin(response, wire);
      response.end(wire.bytes);
    });
    const { upstream } = startUpstream();
    for (let round = 0; round < 3; round += 1) {
      const reader = new Reader((answer) => {
        answer.pause(1_000);
        setTimeout(() => answer.resume(), 1);
      });
      const answer = await upstream.send(targetOf(server.endpoint), callOf({ reader }));
      expect(answer.passedOn).toBeGreaterThan(LARGE.length);
    }
    expect(sockets.size).toBe(1);
  });
});
