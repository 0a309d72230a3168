import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import { createKeptSockets, type KeptSockets } from '../src/kept-sockets.ts';

let server: Server;
let kept: KeptSockets;
const connections = new Set<Socket>();

afterEach(async () => {
  kept.close();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  connections.clear();
});

async function start(
  answer: (req: IncomingMessage, res: ServerResponse) => void,
  maxPerOrigin = 8,
): Promise<URL> {
  server = createServer(answer).listen(0, '127.0.0.1');
  server.on('connection', (socket) => connections.add(socket));
  await once(server, 'listening');
  kept = createKeptSockets({ maxPerOrigin, connectTimeoutMs: 1_000 });
  const address = server.address();
  return new URL(
    `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}/mcp?x=1`,
  );
}

interface Outcome {
  readonly body: string;
  readonly sent?: boolean;
}

function ignore(): void {}

function post(url: URL, body = '{}'): { done: Promise<Outcome>; giveUp: () => void } {
  let giveUp: () => void = ignore;
  const done = new Promise<Outcome>((resolve) => {
    const chunks: Buffer[] = [];
    giveUp = kept.post(
      { url, headers: 'content-type: application/json\r\n', body },
      {
        head: ignore,
        data: (chunk) => void chunks.push(chunk),
        end: () => resolve({ body: Buffer.concat(chunks).toString() }),
        failed: (error, sent) => resolve({ body: error.message, sent }),
      },
    );
  });
  return { done, giveUp };
}

function echo(req: IncomingMessage, res: ServerResponse): void {
  req
    .setEncoding('utf8')
    .on('data', (body: string) => res.end(`${req.method ?? ''} ${req.url ?? ''} ${body}`));
}

describe('connections that are kept', () => {
  it('carry one request after the other', async () => {
    const url = await start(echo);
    for (const body of ['1', 'zwei €', '3']) {
      expect((await post(url, body).done).body).toBe(`POST /mcp?x=1 ${body}`);
    }
    expect(connections.size).toBe(1);
  });

  it('are never more than allowed: further requests wait their turn', async () => {
    const url = await start(echo, 2);
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, at) => post(url, String(at)).done));
    expect(outcomes.map(({ body }) => body)).toEqual(
      Array.from({ length: 20 }, (_, at) => `POST /mcp?x=1 ${at}`),
    );
    expect(connections.size).toBe(2);
  });

  it('are waited for by a bounded number of requests: one more is not sent (I9)', async () => {
    const url = await start(() => {}, 1);
    const waiting = Array.from({ length: 1 + 4_096 }, () => post(url));
    const refused = await post(url).done;

    expect(refused).toEqual({
      body: `too many requests wait for a connection to ${url.host}`,
      sent: false,
    });
    waiting.at(-1)?.giveUp();
    const late = post(url);
    expect(
      await Promise.race([late.done, new Promise((resolve) => setTimeout(resolve, 50))]),
    ).toBeUndefined();
    expect(connections.size).toBe(1);
  });

  it('are not used again after the server said that it closes them', async () => {
    const url = await start((req, res) => echo(req, res.setHeader('connection', 'close')));
    await post(url).done;
    await post(url).done;
    expect(connections.size).toBe(2);
  });

  it('are opened anew where the server has closed them meanwhile', async () => {
    const url = await start(echo);
    await post(url).done;
    const [first] = connections;
    first?.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await post(url, 'again').done).body).toBe('POST /mcp?x=1 again');
  });
});

describe('a request that fails', () => {
  it('was sent when its connection breaks', async () => {
    const url = await start((req) => req.socket.destroy());
    expect((await post(url).done).sent).toBe(true);
  });

  it('was not sent when nobody listens', async () => {
    const url = await start(echo);
    const nobody = new URL('http://127.0.0.1:1/');
    expect((await post(nobody).done).sent).toBe(false);
    expect((await post(url).done).sent).toBeUndefined();
  });

  it('was not sent when it still waits as all is closed', async () => {
    const url = await start(ignore, 1);
    const first = post(url);
    const waiting = post(url);
    await once(server, 'request');
    kept.close();
    expect([(await first.done).sent, (await waiting.done).sent]).toEqual([true, false]);
  });

  it('tells nothing more once it is given up, and frees its place', async () => {
    let held: ServerResponse | undefined;
    const url = await start((req, res) => {
      if (held) echo(req, res);
      else held = res;
    }, 1);
    const first = post(url);
    const settled = { first: false };
    void first.done.then(() => (settled.first = true));
    await once(server, 'request');

    first.giveUp();
    const second = await post(url, 'next').done;

    expect(second.body).toBe('POST /mcp?x=1 next');
    expect(settled.first).toBe(false);
  });
});
