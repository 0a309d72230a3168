// What a process that has done everything holds, and what clients that open sessions add to it.
import { setTimeout as delay } from 'node:timers/promises';

import { openHandshakeLoad } from './scenarios.mjs';

const SESSIONS = 10_000;
/** Handshakes before the first reading: the heap reaches the size that this kind of load needs. */
const WARM_UP = 3_000;
const SETTLE_MS = 1_500;

/**
 * @typedef {object} Memory MB of resident memory
 * @property {number} after everything else that was measured
 * @property {number} sessions how many were opened
 * @property {number} added by them
 * @property {number} wrong
 */

/**
 * @param {import('./processes.mjs').Running & { port: number }} gateway
 * @returns {Promise<Memory>}
 */
export async function measureMemory(gateway) {
  await delay(SETTLE_MS);
  const after = gateway.rssMb();
  const load = await openHandshakeLoad(gateway.port, 16);
  await load.driveCount(WARM_UP);
  await delay(SETTLE_MS);
  const before = gateway.rssMb();
  const { wrong } = await load.driveCount(SESSIONS);
  await delay(SETTLE_MS);
  const added = gateway.rssMb() - before;
  load.close();
  return { after, sessions: SESSIONS, added, wrong };
}
