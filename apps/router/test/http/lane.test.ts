import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, it, onTestFinished } from 'vitest';

import type { ServePost } from '../../src/http/lane/lane-connection.ts';
import { createLane, type LaneOptions } from '../../src/http/lane/lane.ts';
import { readShared } from '../../src/http/lane/shared-read.ts';
import { listen } from '../../src/http/listeners.ts';
import type { Reply } from '../../src/http/reply.ts';
import { countAnswers, openRaw } from './raw-client.ts';
import { post } from './two-servers.ts';

const JSON_FIELDS = { 'content-type': 'application/json' };
const EVENTS = { 'content-type': 'text/event-stream' };
const BODY = '{"id":1}';
const LONG_MS = 60_000;

interface Scene {
  readonly url: string;
  /** What came on connections that were handed over. */
  readonly handedOver: Buffer[];
  readonly lane: ReturnType<typeof createLane>;
}

/** The lane alone, with nobody behind it. */
async function startLane(serve: ServePost, times: Partial<LaneOptions> = {}): Promise<Scene> {
  const handedOver: Buffer[] = [];
  const sockets: Socket[] = [];
  const lane = createLane({
    post: serve,
    serve(socket) {
      sockets.push(socket);
      socket.on('data', (bytes: Buffer) => void handedOver.push(bytes));
    },
    silentMs: LONG_MS,
    keepAliveMs: LONG_MS,
    partialMs: LONG_MS,
    sweepMs: 5,
    ...times,
  });
  const server = createServer({ allowHalfOpen: true, noDelay: true }, lane.take);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    lane.cut();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, handedOver, lane };
}

function say(res: Reply, text: string): void {
  res.send(200, [Buffer.from(text)], JSON_FIELDS);
}

/** Keeps the replies, so that the test answers when it wants. */
function keeping(): { readonly replies: Reply[]; readonly serve: ServePost } {
  const replies: Reply[] = [];
  return { replies, serve: (_, res) => void replies.push(res) };
}

async function until(test: () => boolean): Promise<void> {
  while (!test()) await delay(2);
}

describe('connections that are read into one buffer', () => {
  it('are so on this Node', async () => {
    const found: boolean[] = [];
    const server = createServer((socket) => {
      found.push(readShared(socket, () => undefined));
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const client = await openRaw(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await client.ended();
    expect(found).toEqual([process.platform !== 'win32']);
  });

  it('never see the bytes of each other, however their pieces alternate (I1)', async () => {
    const { url, handedOver } = await startLane((_, res, body) => say(res, body));
    const names = ['anna', 'bert', 'cleo', 'dora'];
    const clients = await Promise.all(names.map(() => openRaw(url)));
    const said = names.map(
      (name) => post(`"${name}"`) + post(`"${name} again"`) + post(`"${name} once more"`),
    );
    // In the middle of a head, of a body, and of what is sent ahead.
    for (const [from, to] of [
      [0, 70],
      [70, 125],
      [125, 300],
      [300, 330],
      [330, 1_000],
    ]) {
      for (const [at, client] of clients.entries()) await client.send(said[at]?.slice(from, to) ?? '');
    }
    const heard = await Promise.all(
      clients.map((client) => client.until((text) => countAnswers(text) === 3)),
    );
    for (const [at, name] of names.entries()) {
      expect(heard[at]?.match(/"[^"]*"(?=HTTP|$)/g)).toEqual([
        `"${name}"`,
        `"${name} again"`,
        `"${name} once more"`,
      ]);
    }
    expect(handedOver).toEqual([]);
  });

  it('keep what is handed over while others are read', async () => {
    const { url, handedOver } = await startLane((_, res, body) => say(res, body));
    const doubtful = await openRaw(url);
    const plain = await openRaw(url);
    await doubtful.send('GET /mcp HTTP/1.1\r\nhost: one');
    await plain.send(post('"the other"'));
    await doubtful.send('.example\r\n\r\n');
    await plain.send(post('"the other again"'));
    await until(() => Buffer.concat(handedOver).includes('\r\n\r\n'));
    expect(Buffer.concat(handedOver).toString()).toBe('GET /mcp HTTP/1.1\r\nhost: one.example\r\n\r\n');
  });
});

describe('requests that are sent ahead', () => {
  it('are served one after the other, in their order', async () => {
    const { replies, serve } = keeping();
    const { url } = await startLane(serve);
    const client = await openRaw(url);
    await client.send(post('1') + post('2') + post('3'));
    for (const answer of ['one', 'two', 'three']) {
      await until(() => replies.length > 0);
      expect(replies).toHaveLength(1);
      const [reply] = replies.splice(0);
      if (reply) say(reply, answer);
    }
    const received = await client.until((text) => countAnswers(text) === 3);
    expect(received.match(/one|two|three/g)).toEqual(['one', 'two', 'three']);
  });

  it('are not read on and on while one is answered', async () => {
    const { replies, serve } = keeping();
    const { url } = await startLane(serve);
    const client = await openRaw(url);
    const flood = post('x'.repeat(60_000)).repeat(400);
    client.socket.write(flood);
    await until(() => replies.length === 1);
    await delay(100);
    expect(client.socket.writableLength).toBeGreaterThan(1_000_000);
  });

  it('are not served while nobody reads the answers', async () => {
    const answer = Buffer.alloc(300_000, 'x');
    let served = 0;
    const { url } = await startLane((_, res) => {
      served += 1;
      res.send(200, [answer], JSON_FIELDS);
    });
    const client = await openRaw(url);
    client.socket.pause();
    client.socket.write(post(BODY).repeat(100));
    await until(() => served > 0);
    await delay(150);
    expect(served).toBeLessThan(50);
    client.socket.resume();
    await client.until((text) => text.length > 100 * answer.length);
    expect(served).toBe(100);
  });
});

describe('an answer', () => {
  it('is one write when it is small', async () => {
    const { url } = await startLane((_, res) =>
      res.send(200, [Buffer.from('{"a":'), Buffer.from('1}')], JSON_FIELDS),
    );
    const client = await openRaw(url);
    const pieces: Buffer[] = [];
    client.socket.on('data', (piece: Buffer) => void pieces.push(piece));
    await client.send(post(BODY));
    await client.until((text) => countAnswers(text) === 1);
    expect(pieces).toHaveLength(1);
  });

  it.each([0, 1, 65_536, 65_537, 5_000_000])('of %i bytes arrives whole', async (size) => {
    const { url } = await startLane((_, res) =>
      res.send(200, [Buffer.alloc(size, 'ä'), Buffer.from('.')], JSON_FIELDS),
    );
    const response = await fetch(`${url}/mcp`, {
      method: 'POST',
      body: BODY,
      headers: { authorization: 'x' },
    });
    expect((await response.arrayBuffer()).byteLength).toBe(size + 1);
  });

  it('of events arrives as it is written, and the connection lives on', async () => {
    const { replies, serve } = keeping();
    const { url } = await startLane(serve);
    const client = await openRaw(url);
    await client.send(post(BODY));
    await until(() => replies.length === 1);
    const [reply] = replies.splice(0);
    reply?.begin(EVENTS);
    reply?.write('data: ä\n\n');
    await client.until((text) => text.includes('a\r\ndata: '));
    reply?.write(Buffer.from('data: 2\n\n'));
    reply?.write('');
    reply?.end();
    reply?.end();
    reply?.write('late');
    await client.until((text) => text.endsWith('9\r\ndata: 2\n\n\r\n0\r\n\r\n'));
    await client.send(post(BODY));
    await until(() => replies.length === 1);
    expect(client.received()).not.toContain('late');
  });

  it('that comes twice or too late is dropped', async () => {
    const { replies, serve } = keeping();
    const { url } = await startLane(serve);
    const client = await openRaw(url);
    await client.send(post(BODY));
    await until(() => replies.length === 1);
    const [reply] = replies;
    if (!reply) return;
    say(reply, 'first');
    say(reply, 'second');
    await client.send(post(BODY));
    await until(() => replies.length === 2);
    say(reply, 'third');
    reply.write('fourth');
    const [, next] = replies;
    if (next) say(next, 'right');
    const received = await client.until((text) => countAnswers(text) === 2);
    expect(received.match(/first|second|third|fourth|right/g)).toEqual(['first', 'right']);
  });
});

describe('a client that leaves', () => {
  it.each([
    ['breaks the connection', (socket: Socket) => socket.resetAndDestroy()],
    ['ends it', (socket: Socket) => socket.end()],
  ])('and %s is noticed while its answer is awaited', async (_, leave) => {
    const { replies, serve } = keeping();
    const { url } = await startLane(serve);
    const client = await openRaw(url);
    await client.send(post(BODY));
    await until(() => replies.length === 1);
    const [reply] = replies;
    const closed = new Promise<void>((resolve) => reply?.onceClosed(resolve));
    leave(client.socket);
    await closed;
    expect([reply?.isOver, reply?.isEnded]).toEqual([true, false]);
    if (reply) expect(() => say(reply, 'nobody reads this')).not.toThrow();
  });

  it('after its answer is nobody to cancel', async () => {
    const ended: boolean[] = [];
    const { url } = await startLane((_, res) => {
      res.onceClosed(() => ended.push(res.isEnded));
      const stop = res.onceClosed(() => ended.push(false));
      stop();
      say(res, 'done');
    });
    const client = await openRaw(url);
    await client.send(post(BODY));
    await client.until((text) => countAnswers(text) === 1);
    client.socket.destroy();
    await delay(20);
    expect(ended).toEqual([true]);
  });
});

describe('a connection that falls silent', () => {
  it('is ended when it never says anything', async () => {
    const { url, handedOver } = await startLane(keeping().serve, { silentMs: 20 });
    const client = await openRaw(url);
    expect(await client.ended()).toBe('');
    expect(handedOver).toEqual([]);
  });

  it('is ended when it was used and is no more', async () => {
    const { url } = await startLane((_, res) => say(res, 'done'), { keepAliveMs: 20 });
    const client = await openRaw(url);
    await client.send(post(BODY));
    expect(countAnswers(await client.ended())).toBe(1);
  });

  it('is left alone while its answer is made', async () => {
    const { replies, serve } = keeping();
    const { url } = await startLane(serve, { keepAliveMs: 10, silentMs: 10, partialMs: 10, stalledMs: 10 });
    const client = await openRaw(url);
    await client.send(post(BODY));
    await delay(60);
    const [reply] = replies;
    if (reply) say(reply, 'at last');
    expect(await client.until((text) => countAnswers(text) === 1)).toContain('at last');
  });

  it.each([
    ['a head', 'POST /mcp HTTP/1.1\r\nHost: x'],
    ['a body', post(BODY).slice(0, -3)],
  ])('goes to node, which times it, with %s that is not whole', async (_, part) => {
    const { url, handedOver } = await startLane(keeping().serve, { partialMs: 20 });
    const client = await openRaw(url);
    await client.send(part);
    await until(() => handedOver.length === 1);
    expect(Buffer.concat(handedOver).toString()).toBe(part);
  });

  it('is ended when its reader takes nothing of a whole answer', async () => {
    const { url } = await startLane((_, res) => res.send(200, [Buffer.alloc(30_000_000)], JSON_FIELDS), {
      stalledMs: 100,
    });
    const client = await openRaw(url);
    client.socket.pause();
    await client.send(post(BODY));
    await until(() => client.socket.readableLength > 0);
    await delay(500);
    client.socket.resume();
    expect((await client.ended()).length).toBeLessThan(30_000_000);
  });
});

describe('readers that do not read', () => {
  it('hold a bounded number of bytes together: who has waited longest loses its answer', async () => {
    const { url } = await startLane((_, res) => res.send(200, [Buffer.alloc(20_000_000)], JSON_FIELDS), {
      maxWaitingBytes: 50_000_000,
    });
    const clients = [];
    for (let count = 0; count < 5; count += 1) {
      const client = await openRaw(url);
      client.socket.pause();
      await client.send(post(BODY));
      await until(() => client.socket.readableLength > 0);
      clients.push(client);
      await delay(30);
    }
    const sizes = clients.map(async (client) => {
      client.socket.resume();
      return (await client.until((text) => text.length > 20_000_000)).length;
    });
    const whole = (await Promise.all(sizes)).map((size) => size > 20_000_000);
    expect(whole).toEqual([false, false, false, true, true]);
  });
});

describe('a listener that closes', () => {
  it('ends idle connections, lets answers finish and says that they are the last', async () => {
    const { replies, serve } = keeping();
    const listener = await listen((_, res) => res.end(), { host: '127.0.0.1', port: 0 }, serve);
    const idle = await openRaw(listener.url);
    const used = await openRaw(listener.url);
    const busy = await openRaw(listener.url);
    for (const client of [used, busy]) {
      await client.send(post(BODY));
      await until(() => replies.length === 1);
      const [reply] = client === used ? replies.splice(0) : [];
      if (reply) say(reply, 'used');
    }
    const closed = listener.close(5_000);
    expect(await idle.ended()).toBe('');
    expect(await used.ended()).toContain('used');
    const [reply] = replies;
    if (reply) say(reply, 'the last');
    const last = await busy.ended();
    expect(last).toContain('Connection: close');
    expect(last).toContain('the last');
    await closed;
  });

  it('cuts what takes too long', async () => {
    const { replies, serve } = keeping();
    const listener = await listen((_, res) => res.end(), { host: '127.0.0.1', port: 0 }, serve);
    const client = await openRaw(listener.url);
    await client.send(post(BODY));
    await until(() => replies.length === 1);
    await listener.close(20);
    expect(await client.ended()).toBe('');
  });
});
