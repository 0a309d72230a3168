// Switchyard as a user runs it: built, started by its command, stopped by a signal.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** How long Switchyard may take to stop; a healthy one needs far less. */
const STOP_MS = 20_000;

const API_TOKENS = { apiToken: { enabled: true } };

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Builds the workspace; throws when that fails. */
export async function buildSwitchyard() {
  const build = spawn('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  const [code] = await once(build, 'exit');
  if (code !== 0) throw new Error('the build failed');
}

/**
 * Runs `switchyard serve` with one site behind it.
 * @param {object} options
 * @param {{cloudId: string, alias: string}} options.site
 * @param {string} options.endpoint the site's MCP endpoint
 * @param {string} options.scratch a directory for the configuration
 * @param {object} [options.auth] how callers sign in; API tokens unless said
 * @returns {Promise<{origin: string, close: () => Promise<void>}>} rejects when it ends before it listens
 */
export async function startSwitchyard({ site, endpoint, scratch, auth = API_TOKENS }) {
  const file = join(scratch, 'switchyard.yaml');
  await writeFile(file, configText(site, endpoint, auth));
  const args = ['apps/router/bin/switchyard.js', 'serve', '--json', '--config', file];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    ended.then(([code]) => Promise.reject(new Error(`switchyard ended with code ${code}`))),
  ]);
  return {
    origin: new URL(JSON.parse(line).mcpUrl).origin,
    async close() {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      const [, signal] = await ended;
      clearTimeout(late);
      if (signal === 'SIGKILL') throw new Error(`switchyard did not stop within ${STOP_MS} ms`);
    },
  };
}

/** @param {{cloudId: string, alias: string}} site @param {string} endpoint @param {object} auth */
function configText({ cloudId, alias }, endpoint, auth) {
  return `version: 1
listen: { port: 0 }
admin: { port: 0 }
log: { level: warn }
sites:
  - cloudId: ${cloudId}
    url: https://fixture.atlassian.net
    alias: ${alias}
    endpoint: ${endpoint}
auth: ${JSON.stringify(auth)}
`;
}
