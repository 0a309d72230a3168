// Runs the official suite and reads what it says.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** Exact: alpha releases change what they ask. The suite needs a newer Node than Switchyard does. */
export const PACKAGES = ['node@24.21.0', '@modelcontextprotocol/conformance@0.2.0-alpha.12'];

const SCENARIO = /^[✓✗] (\S+): (\d+) passed, (\d+) failed$/;
const NOT_SCORED = /^ {2}[✓✗] (\S+) \((.+)\)$/;
/** A scenario that threw: its directory stays empty. */
const BROKEN = /^Failed to run scenario (\S+): (.+)$/;

/**
 * What came of one scenario.
 * @typedef {object} Scenario
 * @property {string} name
 * @property {number} passed checks
 * @property {number} failed checks
 * @property {string | undefined} unscored why it does not count; undefined: it counts
 * @property {readonly string[]} complaints what failed, or was warned about, in the suite's words
 */

/**
 * Runs one requirement set against a URL.
 * @param {{url: string, requirements: string, resultsDir: string}} options `resultsDir`: empty, for the suite's files
 * @returns {Promise<{scenarios: readonly Scenario[], exitCode: number | null, output: string}>}
 */
export function runSuite({ url, requirements, resultsDir }) {
  return run(['server', '--url', url], { requirements, resultsDir });
}

/**
 * Runs one requirement set with a program as the client.
 * @param {{command: string, requirements: string, resultsDir: string}} options
 * @returns {ReturnType<typeof runSuite>}
 */
export function runClientSuite({ command, requirements, resultsDir }) {
  return run(['client', '--command', command], { requirements, resultsDir });
}

/** @param {readonly string[]} who @param {{requirements: string, resultsDir: string}} options */
async function run(who, { requirements, resultsDir }) {
  const packages = PACKAGES.flatMap((each) => ['-p', each]);
  const command = ['conformance', ...who, '--requirements', requirements, '-o', resultsDir];
  const suite = spawn('npx', ['-y', ...packages, ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, errors, [exitCode]] = await Promise.all([
    text(suite.stdout),
    text(suite.stderr),
    once(suite, 'exit'),
  ]);
  return {
    scenarios: await readScenarios({ output, errors, resultsDir }),
    exitCode,
    output: output + errors,
  };
}

/** @param {{output: string, errors: string, resultsDir: string}} said @returns {Promise<Scenario[]>} */
async function readScenarios({ output, errors, resultsDir }) {
  const lines = output.split('\n');
  const unscored = new Map(matches(lines, NOT_SCORED).map(([, name, reason]) => [name, reason]));
  const complaints = await readComplaints(resultsDir);
  for (const [, name, reason] of matches(errors.split('\n'), BROKEN)) complaints.set(name, [reason]);
  return matches(lines, SCENARIO).map(([, name, passed, failed]) => ({
    name,
    passed: Number(passed),
    failed: Number(failed),
    unscored: unscored.get(name),
    complaints: complaints.get(name) ?? [],
  }));
}

/** @param {readonly string[]} lines @param {RegExp} pattern */
function matches(lines, pattern) {
  return lines.map((line) => pattern.exec(line)).filter((match) => match !== null);
}

const RESULT_DIR = /^(?:server-)?(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/;
const COMPLAINTS = new Set(['FAILURE', 'WARNING']);

/** @param {string} resultsDir @returns {Promise<Map<string, string[]>>} */
async function readComplaints(resultsDir) {
  const found = new Map();
  for (const dir of await readdir(resultsDir, { recursive: true })) {
    const name = RESULT_DIR.exec(dir)?.[1];
    const file = join(resultsDir, dir, 'checks.json');
    if (name === undefined || !existsSync(file)) continue;
    const checks = JSON.parse(await readFile(file, 'utf8'));
    found.set(
      name,
      checks
        .filter(({ status }) => COMPLAINTS.has(status))
        .map(({ id, status, errorMessage }) => `${status.toLowerCase()} ${id}: ${errorMessage ?? ''}`),
    );
  }
  return found;
}
