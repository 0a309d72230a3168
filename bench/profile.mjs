// `node bench/profile.mjs [seconds]`: where Switchyard spends its time on 2 KB calls of 64 clients, by function.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { SMALL, textOf } from './estate.mjs';
import { callOfSwitchyard, startSwitchyard, startUpstream, temporaryFolder } from './gateways.mjs';
import { learnAnswer, openLoad } from './load.mjs';
import { pinSelf } from './processes.mjs';

const SITES = 10;
const CONNECTIONS = 64;
const SHOWN = 60;
const SECONDS = Number(process.argv[2] ?? 8);
const WARM_UP_MS = 4_000;
const IDLE = new Set(['(idle) :0']);

/** @typedef {{ functionName: string, url: string, lineNumber: number }} Frame */
/** @typedef {{ nodes: { id: number, callFrame: Frame }[], samples: number[], timeDeltas: number[] }} Profile */

/** @param {string} folder */
async function record(folder) {
  const upstream = await startUpstream({ sites: SITES, delayMs: 0 });
  const switchyard = await startSwitchyard({
    upstreamPort: upstream.port,
    sites: SITES,
    folder,
    nodeFlags: ['--cpu-prof', `--cpu-prof-dir=${folder}`],
  });
  const call = callOfSwitchyard(SITES);
  const requests = await Promise.all(
    Array.from({ length: CONNECTIONS }, (_, connection) => call(SMALL.tool, connection)),
  );
  const [first = await call(SMALL.tool, 0)] = requests;
  const text = textOf(SMALL.tool);
  const template = await learnAnswer(
    switchyard.port,
    first,
    ({ result }) => result?.content?.[0]?.text === text,
  );
  const load = await openLoad({ port: switchyard.port, requests, template });
  await load.drive(WARM_UP_MS);
  const cpuBefore = switchyard.cpuMs();
  const figures = await load.drive(SECONDS * 1_000);
  const cpuMs = switchyard.cpuMs() - cpuBefore;
  load.close();
  await switchyard.stop();
  await upstream.stop();
  return { ...figures, cpuMs };
}

/**
 * Microseconds by function, over the last part of the run: what comes before is start and warm-up.
 * @param {Profile} profile
 */
function selfTimes({ nodes, samples, timeDeltas }) {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  /** @type {Map<string, number>} */
  const times = new Map();
  let left = timeDeltas.reduce((sum, delta) => sum + delta, 0);
  samples.forEach((id, at) => {
    const delta = timeDeltas[at] ?? 0;
    left -= delta;
    const name = names.get(id) ?? '?';
    if (left < SECONDS * 1e6 && !IDLE.has(name)) times.set(name, (times.get(name) ?? 0) + delta);
  });
  return times;
}

/** @param {Frame} frame */
function nameOf({ functionName, url, lineNumber }) {
  const place = url.replace(/^.*\/(?:node_modules|packages|apps)\//, '');
  return `${functionName || '(anonymous)'} ${place}:${lineNumber + 1}`;
}

pinSelf();
const folder = temporaryFolder();
const { count, wrong, perSecond, cpuMs } = await record(folder);
const file = readdirSync(folder).find((name) => name.endsWith('.cpuprofile')) ?? '';
const times = selfTimes(JSON.parse(readFileSync(join(folder, file), 'utf8')));
const total = [...times.values()].reduce((sum, us) => sum + us, 0);
const usPerCall = (cpuMs * 1_000) / count;
process.stdout.write(
  `${count} calls, ${wrong} wrong, ${perSecond.toFixed(0)}/s, ${usPerCall.toFixed(0)} µs CPU a call\n`,
);
print('part', sumBy(times, partOf));
print('function', times);

/**
 * @param {string} heading
 * @param {Map<string, number>} rows
 */
function print(heading, rows) {
  process.stdout.write(`\n   share  µs/call  ${heading}\n`);
  for (const [name, us] of [...rows].toSorted(([, a], [, b]) => b - a).slice(0, SHOWN)) {
    const share = us / total;
    process.stdout.write(
      `${(share * 100).toFixed(1).padStart(7)}%  ${(share * usPerCall).toFixed(2).padStart(7)}  ${name}\n`,
    );
  }
}

/**
 * @param {Map<string, number>} rows
 * @param {(name: string) => string} keyOf
 */
function sumBy(rows, keyOf) {
  /** @type {Map<string, number>} */
  const sums = new Map();
  for (const [name, us] of rows) sums.set(keyOf(name), (sums.get(keyOf(name)) ?? 0) + us);
  return sums;
}

/**
 * The package or the Node.js module that a function belongs to.
 * @param {string} name
 */
function partOf(name) {
  const place = name.split(' ').at(-1) ?? '';
  if (place.startsWith(':')) return `V8 and system: ${name}`;
  if (place.startsWith('node:')) return place.replace(/:\d+$/, '');
  return place
    .split('/')
    .slice(0, place.startsWith('router/') ? 3 : 1)
    .join('/');
}
