// What a thousand clients that only listen cost: memory, and the speed of those that call meanwhile.
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { AUTHORIZATION, SMALL } from './estate.mjs';
import { openCalls } from './scenarios.mjs';

const STREAMS = 1_000;
/** Opened together; more would wait in the queue of the listening socket. */
const AT_ONCE = 100;
const CALLERS = 64;
const SETTLE_MS = 1_500;
const VERSION = '2026-07-28';

/**
 * @typedef {object} Streams
 * @property {number} count how many were open
 * @property {number} added MB of resident memory
 * @property {number[]} speed throughput of calls beside them to that without, one entry a round
 * @property {number} wrong answers
 */

/**
 * @param {import('./scenarios.mjs').Bench} bench
 * @param {{ rounds: number, seconds: number }} options
 * @returns {Promise<Streams>}
 */
export async function measureStreams(bench, { rounds, seconds }) {
  const { switchyard, targets } = bench;
  const [caller] = await openCalls(
    { ...bench, targets: targets.filter(({ name }) => name === 'switchyard') },
    SMALL,
    CALLERS,
  );
  if (!caller) throw new Error('there is no Switchyard to measure');
  const { load } = caller;
  await load.drive(seconds * 1_000);
  const speed = [];
  const added = [];
  let wrong = 0;
  for (let round = 0; round < rounds; round += 1) {
    const without = await load.drive(seconds * 1_000);
    await delay(SETTLE_MS);
    const before = switchyard.rssMb();
    const streams = await openStreams(switchyard.port);
    await delay(SETTLE_MS);
    added.push(switchyard.rssMb() - before);
    const beside = await load.drive(seconds * 1_000);
    for (const stream of streams) stream.destroy();
    await delay(SETTLE_MS);
    speed.push(beside.perSecond / without.perSecond);
    wrong += without.wrong + beside.wrong;
  }
  load.close();
  // The first round is the honest one: what it leaves in the heap serves the later ones.
  return { count: STREAMS, added: Math.max(...added), speed, wrong };
}

/**
 * @param {number} port
 * @param {number} [count]
 */
export async function openStreams(port, count = STREAMS) {
  /** @type {import('node:net').Socket[]} */
  const streams = [];
  while (streams.length < count) {
    const more = Array.from({ length: Math.min(AT_ONCE, count - streams.length) }, (_, at) =>
      openStream(port, streams.length + at),
    );
    streams.push(...(await Promise.all(more)));
  }
  return streams;
}

/**
 * One `subscriptions/listen`, acknowledged.
 * @param {number} port
 * @param {number} id
 * @returns {Promise<import('node:net').Socket>}
 */
function openStream(port, id) {
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id,
    method: 'subscriptions/listen',
    params: {
      notifications: { toolsListChanged: true },
      _meta: {
        'io.modelcontextprotocol/protocolVersion': VERSION,
        'io.modelcontextprotocol/clientCapabilities': {},
      },
    },
  });
  const head = [
    'POST /mcp HTTP/1.1',
    'host: 127.0.0.1',
    `authorization: ${AUTHORIZATION}`,
    'content-type: application/json',
    'accept: application/json, text/event-stream',
    `mcp-protocol-version: ${VERSION}`,
    'mcp-method: subscriptions/listen',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let text = '';
    socket.once('error', reject);
    socket.on('data', function hear(chunk) {
      text += chunk.toString('latin1');
      if (!text.startsWith('HTTP/1.1 200 ')) return void socket.destroy(new Error(text.slice(0, 300)));
      if (!text.includes('acknowledged')) return;
      socket.off('data', hear).resume();
      resolve(socket);
    });
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  });
}
