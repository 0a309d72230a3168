// `npm run conformance`: the official suite through Switchyard, and what came of it.
// `--direct` asks the fixture alone, `--namespaced` the URL of every site instead of the URL of one; with `--modern`
// the fixture has no sessions, so that each set shows what clients of its era have of such a site.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { startFixture } from './fixture.mjs';
import { startHop } from './hop.mjs';
import { runSuite } from './suite.mjs';
import { buildSwitchyard, startSwitchyard } from './switchyard.mjs';

const REQUIREMENTS = ['2025-11-25', '2026-07-28'];

const SITE = { cloudId: 'c0ffee00-0000-4000-8000-000000000001', alias: 'fix' };
const AUTHORIZATION = `Basic ${Buffer.from('fixture@example.test:any-token').toString('base64')}`;

/** Scenarios that call a tool, a prompt or a resource by name: the namespaced URL has other names, and tools only. */
const BY_NAME = [
  /^tools-call-/,
  /^elicitation-/,
  /^input-required-result-(?!unsupported-methods$)/,
  /^resources-(?!list$)/,
  /^prompts-get-/,
  /^completion-complete$/,
  /^server-stateless$/,
];

/** Scenarios of what only a session has: nothing in the modern era takes its place for a client of the other. */
const BY_SESSION = [/^logging-/, /^tools-call-with-logging$/, /^resources-(?:un)?subscribe$/];

const { values: flags } = parseArgs({
  options: {
    direct: { type: 'boolean' },
    modern: { type: 'boolean' },
    namespaced: { type: 'boolean' },
    verbose: { type: 'boolean' },
  },
});

process.exitCode = await run();

/** @returns {Promise<number>} exit code: 0 every scored scenario passed, 1 one did not, or none ran */
async function run() {
  const scratch = await mkdtemp(join(tmpdir(), 'switchyard-conformance-'));
  const owned = [() => rm(scratch, { recursive: true, force: true })];
  try {
    const url = await serve(scratch, owned);
    let failed = 0;
    for (const requirements of REQUIREMENTS) failed += await judge({ url, requirements, scratch });
    return failed > 0 ? 1 : 0;
  } finally {
    for (const close of owned.toReversed()) await close();
  }
}

/**
 * Starts what the flags ask for; whatever is opened is pushed onto `owned`.
 * @param {string} scratch @param {(() => Promise<void>)[]} owned
 * @returns {Promise<string>} the URL for the suite; it looks for foreign hosts by calling itself `localhost`
 */
async function serve(scratch, owned) {
  const fixture = await startFixture({ cloudId: SITE.cloudId, sessions: !flags.modern });
  owned.push(fixture.close);
  if (flags.direct) return `http://localhost:${fixture.port}/mcp`;

  await buildSwitchyard();
  let target = '';
  const hop = await startHop({ target: () => target, authorization: AUTHORIZATION });
  owned.push(hop.close);
  const publicUrl = `http://localhost:${hop.port}`;
  const endpoint = `http://127.0.0.1:${fixture.port}/mcp`;
  const switchyard = await startSwitchyard({ site: SITE, endpoint, scratch });
  owned.push(switchyard.close);
  target = switchyard.origin;
  return flags.namespaced ? `${publicUrl}/mcp` : `${publicUrl}/mcp/sites/${SITE.alias}`;
}

/**
 * Runs one set and prints it.
 * @param {{url: string, requirements: string, scratch: string}} options
 * @returns {Promise<number>} how many scenarios failed that count
 */
async function judge({ url, requirements, scratch }) {
  const resultsDir = await mkdtemp(join(scratch, 'results-'));
  const { scenarios, exitCode, output } = await runSuite({ url, requirements, resultsDir });
  if (flags.verbose || scenarios.length === 0) print(output);
  const rows = scenarios.map((scenario) => ({
    ...scenario,
    unscored: scenario.unscored ?? leftOut(scenario),
  }));
  const scored = rows.filter(({ unscored }) => unscored === undefined);
  const failed = scored.filter((row) => !isPassed(row));

  print(`\n${requirements}: ${url}`);
  for (const row of rows) printRow(row);
  print(`${scored.length - failed.length} of ${scored.length} scored scenarios pass`);
  // The suite's own verdict counts too, unless this run leaves scenarios out: it also knows what this one cannot read.
  if (scored.length === 0 || (exitCode !== 0 && !flags.namespaced && !flags.modern))
    return Math.max(1, failed.length);
  return failed.length;
}

/**
 * Why a scenario does not count in this run.
 * @param {import('./suite.mjs').Scenario} scenario @returns {string | undefined}
 */
function leftOut({ name }) {
  const isOneOf = (patterns) => patterns.some((pattern) => pattern.test(name));
  if (flags.namespaced && isOneOf(BY_NAME)) return 'calls by name';
  return flags.modern && isOneOf(BY_SESSION) ? 'needs a session' : undefined;
}

/** The suite lets a scenario pass that gave up before its first check; here that proves nothing. */
function isPassed({ passed, failed }) {
  return failed === 0 && passed > 0;
}

/** @param {import('./suite.mjs').Scenario} row */
function printRow(row) {
  const { name, passed, failed, unscored, complaints } = row;
  const verdict = isPassed(row) ? 'pass' : 'FAIL';
  const counts = `${passed}/${passed + failed}`;
  print(
    `  ${verdict}  ${name.padEnd(48)} ${counts.padStart(7)}${unscored ? `  not scored: ${unscored}` : ''}`,
  );
  if (unscored && !flags.verbose) return;
  for (const complaint of complaints) print(complaint.replaceAll(/^/gm, ' '.repeat(10)));
}

/** @param {string} line */
function print(line) {
  process.stdout.write(`${line}\n`);
}
