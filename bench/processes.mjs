// Child processes on chosen cores, what they cost, and their certain end.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { createInterface } from 'node:readline';

/** The gateway under test has one core for itself; load and upstream share the other. */
export const GATEWAY_CORE = 0;
export const LOAD_CORE = 1;

const canPin = availableParallelism() > 1 && spawnSync('taskset', ['--version']).status === 0;
const TICKS_PER_SECOND = Number(spawnSync('getconf', ['CLK_TCK']).stdout?.toString() || 100);
const START_MS = 30_000;
const STOP_MS = 5_000;

/**
 * @typedef {object} Running
 * @property {number} pid
 * @property {any} hello the first line of its stdout, parsed
 * @property {() => number} cpuMs used until now, its children's included
 * @property {() => number} rssMb now, its children's included
 * @property {() => Promise<void>} stop
 */

/** Moves this process to the load's core. Returns whether cores can be chosen here. */
export function pinSelf() {
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', String(LOAD_CORE), String(process.pid)]);
  return canPin;
}

/** @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
// SIGTERM, as nginx that is killed would leave its worker behind.
process.on('exit', () => children.forEach((child) => child.kill('SIGTERM')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));

/**
 * Starts a program on a core. Rejects when it ends before it has said hello, with what it wrote to stderr.
 * @param {string[]} command
 * @param {{ core: number, isSilent?: boolean }} options `isSilent`: it says no hello
 * @returns {Promise<Running>}
 */
export async function start(command, { core, isSilent = false }) {
  const [program = '', ...args] = canPin ? ['taskset', '-c', String(core), ...command] : command;
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  child.once('exit', () => children.delete(child));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(-2_000)));
  const hello = isSilent ? undefined : await firstLine(child, () => said);
  const pid = child.pid ?? 0;
  return {
    pid,
    hello,
    cpuMs: () => sum(family(pid).map(cpuOf)),
    rssMb: () => sum(family(pid).map(rssOf)),
    stop: () => stop(child),
  };
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {() => string} said
 */
async function firstLine(child, said) {
  const abort = new AbortController();
  const { signal } = abort;
  const timer = setTimeout(() => abort.abort(), START_MS);
  const lines = createInterface({ input: /** @type {import('node:stream').Readable} */ (child.stdout) });
  try {
    const line = once(lines, 'line', { signal }).then(([text]) => String(text));
    const end = once(child, 'exit', { signal }).then(() => undefined);
    const first = await Promise.race([line, end]);
    if (first === undefined) throw new Error(`${child.spawnargs.join(' ')} ended: ${said()}`);
    return JSON.parse(first);
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

/** @param {import('node:child_process').ChildProcess} child */
async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exited;
  clearTimeout(timer);
}

/**
 * The process and its children: nginx works in one.
 * @param {number} pid
 */
function family(pid) {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    read(`/proc/${pid}/task/${task}/children`).trim().split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children];
}

/** @param {number} pid */
function cpuOf(pid) {
  // The name in brackets may hold spaces; the fields after it do not.
  const fields = read(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1_000;
}

/** @param {number} pid */
function rssOf(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1_024;
}

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** @param {number[]} values */
const sum = (values) => values.reduce((total, value) => total + value, 0);
