// `npm run soak -- --minutes 5`: mixed load for so long; fails when what Switchyard holds in memory grows. Memory is read
// after a full collection, and judged by the line through the readings of the later two thirds.
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { LARGE, SMALL, textOf } from './estate.mjs';
import {
  callOfSwitchyard,
  initializeRequest,
  listRequest,
  startSwitchyard,
  startUpstream,
  temporaryFolder,
} from './gateways.mjs';
import { learnAnswer, openLoad } from './load.mjs';
import { pinSelf } from './processes.mjs';
import { openStreams } from './streams.mjs';

const SITES = 10;
const READINGS = 30;
const SETTLE_MS = 300;
/** What the line may rise over the judged time before it counts as growth, in MB. */
const ALLOWED = { heap: 3, rss: 12 };

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '5' } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error('--minutes must be a number above 0');

/** @typedef {{ atMinute: number, rss: number, heap: number }} Reading in MB */

/** @param {number} port */
async function openMix(port) {
  const call = callOfSwitchyard(SITES);
  const ofCalls = async (/** @type {string} */ tool, /** @type {number} */ connections) => {
    const requests = await Promise.all(Array.from({ length: connections }, (_, at) => call(tool, at)));
    return { requests, isRight: (/** @type {any} */ m) => m.result?.content?.[0]?.text === textOf(tool) };
  };
  const parts = [
    await ofCalls(SMALL.tool, 16),
    await ofCalls(LARGE.tool, 4),
    {
      requests: [listRequest(), listRequest()],
      isRight: (/** @type {any} */ m) => m.result?.tools?.length > 0,
    },
    {
      requests: [initializeRequest('/mcp'), initializeRequest('/mcp')],
      isRight: (/** @type {any} */ m) => m.result?.serverInfo !== undefined,
    },
  ];
  const loads = [];
  for (const { requests, isRight } of parts) {
    const [first] = requests;
    if (!first) continue;
    const template = await learnAnswer(port, first, isRight);
    loads.push(await openLoad({ port, requests, template }));
  }
  return loads;
}

/**
 * Clients that listen and leave, beside the load.
 * @param {number} port
 */
async function listenAndLeave(port) {
  for (const stream of await openStreams(port, 50)) stream.destroy();
}

/**
 * @param {import('./processes.mjs').Running} switchyard
 * @param {number} startedAt
 * @returns {Promise<Reading>}
 */
async function read(switchyard, startedAt) {
  process.kill(switchyard.pid, 'SIGUSR2');
  await delay(SETTLE_MS);
  const metrics = await (await fetch(`${switchyard.hello.adminUrl}/metrics`)).text();
  const heap = Number(/^nodejs_heap_size_used_bytes\S* (\S+)$/m.exec(metrics)?.[1]) / 1_048_576;
  return { atMinute: (performance.now() - startedAt) / 60_000, rss: switchyard.rssMb(), heap };
}

/**
 * How much the line of least squares rises over the readings, and how uncertain that is (twice its standard error).
 * @param {number[]} ys
 */
export function rise(ys) {
  const n = ys.length;
  const meanX = (n - 1) / 2;
  const meanY = ys.reduce((sum, y) => sum + y, 0) / n;
  const sxx = ys.reduce((sum, _, x) => sum + (x - meanX) ** 2, 0);
  const slope = ys.reduce((sum, y, x) => sum + (x - meanX) * (y - meanY), 0) / sxx;
  const rest = ys.reduce((sum, y, x) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  return { by: slope * (n - 1), give: 2 * Math.sqrt(rest / (n - 2) / sxx) * (n - 1) };
}

/** @param {Reading[]} readings */
function judge(readings) {
  const judged = readings.slice(Math.floor(readings.length / 3));
  return /** @type {const} */ (['heap', 'rss']).map((what) => {
    const { by, give } = rise(judged.map((reading) => reading[what]));
    const grows = by - give > ALLOWED[what];
    process.stdout.write(
      `${what}: ${by.toFixed(1)} ± ${give.toFixed(1)} MB over ${judged.length} readings: ${grows ? 'grows' : 'does not grow'}\n`,
    );
    return grows;
  });
}

async function main() {
  pinSelf();
  const upstream = await startUpstream({ sites: SITES, delayMs: 0 });
  const hook = fileURLToPath(new URL('gc-on-signal.mjs', import.meta.url));
  const switchyard = await startSwitchyard({
    upstreamPort: upstream.port,
    sites: SITES,
    folder: temporaryFolder(),
    nodeFlags: ['--expose-gc', '--import', hook],
  });
  const loads = await openMix(switchyard.port);
  const startedAt = performance.now();
  /** @type {Reading[]} */
  const readings = [];
  let wrong = 0;
  while (readings.length < READINGS) {
    const work = loads.map((load) => load.drive((minutes * 60_000) / READINGS));
    await listenAndLeave(switchyard.port);
    wrong += (await Promise.all(work)).reduce((sum, figures) => sum + figures.wrong, 0);
    const reading = await read(switchyard, startedAt);
    readings.push(reading);
    process.stderr.write(
      `soak: minute ${reading.atMinute.toFixed(1)}: heap ${reading.heap.toFixed(1)} MB, resident ${reading.rss.toFixed(0)} MB, ${wrong} wrong\n`,
    );
  }
  for (const load of loads) load.close();
  await Promise.all([switchyard.stop(), upstream.stop()]);
  return judge(readings).some(Boolean) || wrong > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main();
