import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

import { expect, it, onTestFinished } from 'vitest';

import { createLane } from '../../src/http/lane/lane.ts';
import { SMALL_ANSWER } from '../../src/http/reply.ts';
import { countAnswers, openRaw, type RawClient } from './raw-client.ts';
import { post } from './two-servers.ts';

const LONG_MS = 60_000;
const ASKED = 400;

/** Answers the number N with a text of N's length and letter; `freed` counts the answers whose pieces were free at once. */
async function startLane(): Promise<{ readonly url: string; readonly freed: { yes: number; no: number } }> {
  const freed = { yes: 0, no: 0 };
  const lane = createLane({
    post(_, res, body) {
      const piece = Buffer.from(textFor(Number(JSON.parse(body))));
      if (res.send(200, [piece.subarray(0, 7), piece.subarray(7)], { 'content-type': 'text/plain' })) {
        freed.yes += 1;
        // Whoever is told so writes something else there.
        piece.fill('!');
      } else freed.no += 1;
    },
    serve: (socket) => socket.destroy(),
    silentMs: LONG_MS,
    keepAliveMs: LONG_MS,
    partialMs: LONG_MS,
    sweepMs: 1_000,
  });
  const server = createServer({ allowHalfOpen: true, noDelay: true }, lane.take);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    lane.cut();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, freed };
}

function textFor(number: number): string {
  const letter = String.fromCharCode(0x61 + (number % 26));
  return `${number}:`.padEnd(20 + ((number * 7_919) % 90_000), letter);
}

/** The bodies of answers, one after the other. */
function bodiesIn(received: string): string[] {
  const bodies: string[] = [];
  for (let at = 0; at < received.length;) {
    const end = received.indexOf('\r\n\r\n', at) + 4;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(received.slice(at, end))?.[1]);
    bodies.push(received.slice(end, end + length));
    at = end + length;
  }
  return bodies;
}

it('no answer is written over by another one while its reader lets it wait (I1)', async () => {
  const { url, freed } = await startLane();
  const clients: RawClient[] = [];
  for (let each = 0; each < 6; each += 1) clients.push(await openRaw(url));
  const slow = clients.filter((_, each) => each % 2 === 0);
  for (const client of slow) client.socket.pause();
  const numbersOf = (client: number): number[] =>
    Array.from({ length: ASKED }, (_, at) => client * 1_000 + at);

  // All at once: what the readers do not take fills the system's buffers, and the rest waits in this process.
  for (const [at, client] of clients.entries())
    client.socket.write(
      numbersOf(at)
        .map((number) => post(String(number)))
        .join(''),
    );
  const isDone = (received: string): boolean => countAnswers(received) === ASKED;
  for (const client of clients.filter((each) => !slow.includes(each))) await client.until(isDone);
  for (const client of slow) client.socket.resume();

  for (const [at, client] of clients.entries()) {
    expect(bodiesIn(await client.until(isDone))).toEqual(numbersOf(at).map(textFor));
  }
  expect(freed.no).toBeGreaterThan(0);
  expect(freed.yes).toBeGreaterThan(ASKED);
  expect(Math.max(...numbersOf(0).map((number) => textFor(number).length))).toBeGreaterThan(SMALL_ANSWER);
});
