// What is measured under load, and how: all systems in turn, several rounds, so that a slow minute of the
// machine meets all of them alike.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { LARGE, SMALL, textOf, TOOL_COUNT } from './estate.mjs';
import { initializeRequest, listRequest, openSession } from './gateways.mjs';
import { getRequest, learnAnswer, openLoad } from './load.mjs';

/** @typedef {import('./gateways.mjs').Target} Target */
/** @typedef {import('./load.mjs').Load} Load */
/** @typedef {import('./load.mjs').Figures & { cpuPer1k?: number, rssMb?: number }} Round */
/** @typedef {{ scenario: string, rounds: Record<string, Round[]>, asked?: number }} Measured `asked`: requests to sites */

/**
 * @typedef {object} Contender one system in one scenario
 * @property {string} name
 * @property {import('./processes.mjs').Running | undefined} process
 * @property {Load} load
 */

/**
 * @typedef {object} Scenario
 * @property {string} id
 * @property {boolean} inShort
 * @property {(bench: Bench) => Promise<Contender[]>} open
 * @property {boolean} [asksNobody] served from memory: no request may reach a site
 */

/**
 * @typedef {object} Bench what runs
 * @property {number} sites
 * @property {Target[]} targets
 * @property {import('./processes.mjs').Running & { port: number }} upstream
 * @property {import('./processes.mjs').Running & { port: number }} switchyard
 * @property {import('./processes.mjs').Running & { port: number }} naive
 * @property {(import('./processes.mjs').Running & { port: number, root: string }) | undefined} proxy
 */

const WARM_UP_STEP_MS = 500;

/** @type {Scenario[]} */
export const SCENARIOS = [
  { id: 'call 2 KB c1', inShort: false, open: (bench) => openCalls(bench, SMALL, 1) },
  { id: 'call 2 KB c16', inShort: true, open: (bench) => openCalls(bench, SMALL, 16) },
  { id: 'call 2 KB c64', inShort: true, open: (bench) => openCalls(bench, SMALL, 64) },
  { id: 'call 2 KB c256', inShort: false, open: (bench) => openCalls(bench, SMALL, 256) },
  { id: 'call 64 KB c16', inShort: true, open: (bench) => openCalls(bench, LARGE, 16) },
  { id: 'list c1', inShort: false, open: (bench) => openLists(bench, 1), asksNobody: true },
  { id: 'list c16', inShort: true, open: (bench) => openLists(bench, 16), asksNobody: true },
  { id: 'handshake c16', inShort: true, open: openHandshakes, asksNobody: true },
];

/**
 * @param {Bench} bench
 * @param {{ tool: string }} what
 * @param {number} connections
 * @returns {Promise<Contender[]>}
 */
export async function openCalls({ targets }, { tool }, connections) {
  const text = textOf(tool);
  const isRight = (/** @type {any} */ { result }) => result?.content?.[0]?.text === text && !result.isError;
  const contenders = [];
  for (const { name, port, process, call } of targets) {
    const requests = await inTurn(connections, (connection) => call(tool, connection));
    const template = await learnAnswer(port, requests[0] ?? (await call(tool, 0)), isRight);
    contenders.push({ name, process, load: await openLoad({ port, requests, template }) });
  }
  return contenders;
}

/**
 * nginx serves the very bytes of Switchyard's answer as a file.
 * @param {Bench} bench
 * @param {number} connections
 * @returns {Promise<Contender[]>}
 */
async function openLists({ sites, switchyard, naive, proxy }, connections) {
  const isRight = (/** @type {any} */ { result }) => result?.tools?.length >= sites * TOOL_COUNT;
  const open = async (/** @type {number} */ port, /** @type {import('./load.mjs').Request[]} */ requests) => {
    const template = await learnAnswer(port, requests[0] ?? listRequest(), isRight);
    return { template, load: await openLoad({ port, requests, template }) };
  };
  const ours = await open(switchyard.port, Array(connections).fill(listRequest()));
  const sessions = await inTurn(connections, () => openSession(naive.port, '/mcp'));
  const theirs = await open(naive.port, sessions.map(listRequest));
  const contenders = [
    { name: 'switchyard', process: switchyard, load: ours.load },
    { name: 'naive', process: naive, load: theirs.load },
  ];
  if (!proxy) return contenders;
  writeFileSync(join(proxy.root, 'list.json'), ours.template.bytes);
  const file = await open(proxy.port, Array(connections).fill(getRequest('/static/list.json')));
  return [{ name: 'nginx', process: proxy, load: file.load }, ...contenders];
}

/**
 * Lets every system reach its speed before anything is measured: Node.js compiles what is called often.
 * @param {Bench} bench
 * @param {{ calls: number, seconds: number }} most whichever comes first ends it, for each system
 */
export async function warmUp(bench, { calls, seconds }) {
  for (const { load } of await openCalls(bench, SMALL, 16)) {
    const end = performance.now() + seconds * 1_000;
    for (let done = 0; done < calls && performance.now() < end;) {
      done += (await load.drive(WARM_UP_STEP_MS)).count;
    }
    load.close();
  }
}

/**
 * @param {Bench} bench
 * @returns {Promise<Contender[]>}
 */
async function openHandshakes({ switchyard, naive }) {
  const contenders = [];
  for (const [name, process] of /** @type {const} */ ([
    ['switchyard', switchyard],
    ['naive', naive],
  ])) {
    contenders.push({ name, process, load: await openHandshakeLoad(process.port, 16) });
  }
  return contenders;
}

/**
 * @param {number} port
 * @param {number} connections
 */
export async function openHandshakeLoad(port, connections) {
  const requests = Array(connections).fill(initializeRequest('/mcp'));
  const template = await learnAnswer(port, requests[0], ({ result }) => result?.serverInfo !== undefined);
  return openLoad({ port, requests, template });
}

/**
 * Runs one scenario: warms every system up, then measures them in turn, in another order each round.
 * @param {Scenario} scenario
 * @param {Bench} bench
 * @param {{ rounds: number, seconds: number }} options
 * @returns {Promise<Measured>}
 */
export async function measure(scenario, bench, { rounds, seconds }) {
  const contenders = await scenario.open(bench);
  for (const { load } of contenders) await load.drive(seconds * 500);
  const before = await requestsTo(bench.upstream.port);
  /** @type {Record<string, Round[]>} */
  const figures = {};
  for (let round = 0; round < rounds; round += 1) {
    const order = [
      ...contenders.slice(round % contenders.length),
      ...contenders.slice(0, round % contenders.length),
    ];
    for (const each of order) (figures[each.name] ??= []).push(await oneRound(each, seconds * 1_000));
  }
  const asked = (await requestsTo(bench.upstream.port)) - before;
  for (const { load } of contenders) load.close();
  return { scenario: scenario.id, rounds: figures, ...(scenario.asksNobody && { asked }) };
}

/**
 * @param {Contender} contender
 * @param {number} ms
 * @returns {Promise<Round>}
 */
async function oneRound({ process, load }, ms) {
  // The first answers after a pause are slower everywhere: caches are cold.
  await load.drive(ms * 0.1);
  const cpuBefore = process?.cpuMs() ?? 0;
  const figures = await load.drive(ms);
  if (!process) return figures;
  const cpuPer1k = ((process.cpuMs() - cpuBefore) / (figures.count + figures.wrong)) * 1_000;
  return { ...figures, cpuPer1k, rssMb: process.rssMb() };
}

/** @param {number} upstreamPort */
async function requestsTo(upstreamPort) {
  const response = await fetch(`http://127.0.0.1:${upstreamPort}/counts`);
  const counts = /** @type {Record<string, number>} */ (await response.json());
  return Object.values(counts).reduce((total, value) => total + value, 0);
}

/**
 * @template T
 * @param {number} count
 * @param {(at: number) => Promise<T>} make
 * @returns {Promise<T[]>}
 */
async function inTurn(count, make) {
  const made = [];
  for (let at = 0; at < count; at += 1) made.push(await make(at));
  return made;
}
