// `npm run conformance:auth`: the official suite's client scenarios for OAuth, with Switchyard's client towards sites.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { runClientSuite } from './suite.mjs';
import { buildSwitchyard } from './switchyard.mjs';

const REQUIREMENTS = ['2025-11-25', '2026-07-28'];
const CLIENT = fileURLToPath(new URL('auth-client.mjs', import.meta.url));

process.exitCode = await run();

/** @returns {Promise<number>} exit code: 0 every scored scenario passed, 1 one did not, or none ran */
async function run() {
  await buildSwitchyard();
  const scratch = await mkdtemp(join(tmpdir(), 'switchyard-conformance-auth-'));
  try {
    let failed = 0;
    for (const requirements of REQUIREMENTS) failed += await judge(requirements, scratch);
    return failed > 0 ? 1 : 0;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Prints one set; the scenarios that are not about OAuth are for MCP clients, which Switchyard's OAuth client is not. */
async function judge(requirements, scratch) {
  const resultsDir = await mkdtemp(join(scratch, 'results-'));
  const { scenarios } = await runClientSuite({ command: `node ${CLIENT}`, requirements, resultsDir });
  const rows = scenarios.filter(({ name, unscored }) => name.startsWith('auth/') && unscored === undefined);
  const failed = rows.filter((row) => row.failed > 0 || row.passed === 0);

  print(`\n${requirements}`);
  for (const row of rows) {
    const verdict = failed.includes(row) ? 'FAIL' : 'pass';
    print(`  ${verdict}  ${row.name.padEnd(48)} ${`${row.passed}/${row.passed + row.failed}`.padStart(7)}`);
    for (const complaint of row.complaints) print(complaint.replaceAll(/^/gm, ' '.repeat(10)));
  }
  print(`${rows.length - failed.length} of ${rows.length} scored auth scenarios pass`);
  return rows.length === 0 ? 1 : failed.length;
}

/** @param {string} line */
function print(line) {
  process.stdout.write(`${line}\n`);
}
