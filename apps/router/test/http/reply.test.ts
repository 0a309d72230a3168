import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { expect, it, onTestFinished, vi } from 'vitest';

import { createNodeReply, type Reply } from '../../src/http/reply.ts';
import { openRaw } from './raw-client.ts';
import { post } from './two-servers.ts';

const JSON_FIELDS = { 'content-type': 'application/json' };
const LARGE = Buffer.alloc(30_000_000, 'x');
const STALLED_MS = 200;

/** Node's server with nothing in front. */
async function startNode(answer: (res: Reply) => void): Promise<string> {
  const server = createServer((_, res) => answer(createNodeReply(res, STALLED_MS)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it.each<[string, (res: Reply) => void]>([
  ['at once', (res) => res.send(200, [LARGE], JSON_FIELDS)],
  [
    'in parts',
    (res) => {
      res.begin(JSON_FIELDS);
      res.write(LARGE);
      res.end();
    },
  ],
])('a reader that takes nothing of an answer given %s loses it', async (_, answer) => {
  const client = await openRaw(await startNode(answer));
  client.socket.pause();
  await client.send(post('{}'));
  await delay(5 * STALLED_MS);
  client.socket.resume();
  expect((await client.ended()).length).toBeLessThan(LARGE.length);
});

it('a reader that takes its time, but takes, gets all of it, and the next answer as well', async () => {
  const { hostname, port } = new URL(await startNode((res) => res.send(200, [LARGE], JSON_FIELDS)));
  const socket = connect({ host: hostname, port: Number(port) });
  let size = 0;
  socket.on('data', (chunk: Buffer) => void (size += chunk.length));
  const pace = setInterval(() => {
    if (socket.isPaused()) socket.resume();
    else socket.pause();
  }, STALLED_MS / 8);
  onTestFinished(() => {
    clearInterval(pace);
    socket.destroy();
  });
  for (const answers of [1, 2]) {
    socket.write(post('{}'));
    await vi.waitFor(() => expect(size).toBeGreaterThan(answers * LARGE.length), 10_000);
    await delay(2 * STALLED_MS);
  }
  expect(socket.destroyed).toBe(false);
});
