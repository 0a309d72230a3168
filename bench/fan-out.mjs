// Many sites that take 20 ms for each answer: the first list of a fresh process, and the refresh of lists
// that have grown old, beside what the network itself takes.
import { setTimeout as delay } from 'node:timers/promises';

import { siteAt, TOOL_COUNT } from './estate.mjs';
import {
  initializeRequest,
  KNOWN,
  listRequest,
  openSession,
  startSwitchyard,
  startUpstream,
} from './gateways.mjs';
import { askOnce, learnAnswer, openLoad, postRequest } from './load.mjs';

const SITE_DELAY_MS = 20;
const FRESH_SECONDS = 2;
/** `discovery.concurrency`: as configured by somebody with so many sites. The default is kind to a few sites. */
export const CONCURRENCY = 256;

/**
 * @typedef {object} FanOut times in ms, one entry a round
 * @property {number} sites
 * @property {number[]} floor one request to each site, all at once, on open connections
 * @property {number[]} connect the first `initialize`, which verifies the credential at a site
 * @property {number[]} list until the first list that has all sites
 * @property {number[]} refresh from the question that finds old lists until all are new
 */

/**
 * @param {{ sites: number, rounds: number, folder: string, withRefresh: boolean }} options
 * @returns {Promise<FanOut>}
 */
export async function measureFanOut({ sites, rounds, folder, withRefresh }) {
  const upstream = await startUpstream({ sites, delayMs: SITE_DELAY_MS });
  /** @type {FanOut} */
  const times = { sites, floor: [], connect: [], list: [], refresh: [] };
  const floor = await openFloor(upstream.port, sites);
  for (let round = 0; round < rounds; round += 1) {
    times.floor.push(await floor.once());
    const freshSeconds = withRefresh ? FRESH_SECONDS : 3_600;
    const switchyard = await startSwitchyard({
      upstreamPort: upstream.port,
      sites,
      folder,
      freshSeconds,
      concurrency: CONCURRENCY,
    });
    times.connect.push(await timed(() => connect(switchyard.port)));
    times.list.push(await timed(() => firstList(switchyard.port, sites)));
    if (withRefresh) times.refresh.push(await refresh(switchyard.port, upstream.port, sites));
    await switchyard.stop();
  }
  floor.close();
  await upstream.stop();
  return times;
}

/** @param {() => Promise<(() => void) | void>} work what it returns is run after the clock was stopped */
async function timed(work) {
  const startedAt = performance.now();
  const check = await work();
  const ms = performance.now() - startedAt;
  check?.();
  return ms;
}

/**
 * @param {number} port
 * @param {number} sites
 */
async function openFloor(port, sites) {
  const requests = await Promise.all(
    Array.from({ length: sites }, async (_, at) => {
      const { path } = siteAt(at);
      const headers = { ...KNOWN, ...(await openSession(port, path)) };
      return postRequest({ path, headers, method: 'tools/list', params: {} });
    }),
  );
  const template = await learnAnswer(
    port,
    requests[0] ?? listRequest(),
    ({ result }) => result.tools.length > 0,
  );
  const load = await openLoad({ port, requests, template });
  await load.driveCount(sites);
  return {
    once: () => timed(async () => void (await load.driveCount(sites))),
    close: load.close,
  };
}

/** @param {number} port */
async function connect(port) {
  const { status } = await askOnce(port, initializeRequest('/mcp'));
  if (status !== 200) throw new Error(`initialize: HTTP ${status}`);
}

/**
 * @param {number} port
 * @param {number} sites
 */
async function firstList(port, sites) {
  let { status, body } = await askOnce(port, listRequest());
  // What is late at the deadline is left out and comes later: a list counts when it is whole.
  while (body.includes('"status":"unavailable"')) ({ status, body } = await askOnce(port, listRequest()));
  return () => {
    const { result } = JSON.parse(body.toString());
    const rows = result._meta['switchyard/sites'];
    const isWhole = result.tools.length >= sites * TOOL_COUNT && rows.every(isOk);
    if (status !== 200 || !isWhole) throw new Error(`the first list has ${result.tools.length} tools`);
  };
}

/** @param {{ status: string }} row */
const isOk = ({ status }) => status === 'ok';

/**
 * @param {number} port
 * @param {number} upstreamPort
 * @param {number} sites
 */
async function refresh(port, upstreamPort, sites) {
  await delay(FRESH_SECONDS * 1_000 + 50);
  const listsBefore = await listsAt(upstreamPort);
  return timed(async () => {
    if ((await rowsOf(port)).every(isOk)) throw new Error('no list had grown old');
    // The sites are watched first: a question to Switchyard costs it time that the refresh needs.
    while ((await listsAt(upstreamPort)) < listsBefore + sites) await delay(2);
    while (!(await rowsOf(port)).every(isOk)) await delay(2);
  });
}

/** @param {number} upstreamPort */
async function listsAt(upstreamPort) {
  const response = await fetch(`http://127.0.0.1:${upstreamPort}/counts`);
  return Number(/** @type {any} */ (await response.json())['tools/list'] ?? 0);
}

/** @param {number} port */
async function rowsOf(port) {
  const request = postRequest({
    path: '/mcp',
    headers: KNOWN,
    method: 'tools/call',
    params: { name: 'switchyard_sites', arguments: {} },
  });
  const { body } = await askOnce(port, request);
  return /** @type {{ status: string }[]} */ (JSON.parse(body.toString()).result.structuredContent.sites);
}
