// `npm run conformance:authorization`: the official suite's scenarios for authorization servers, against Switchyard's.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { createIdentityProvider } from '@switchyard/rovo-emulator';

import { signInAndAllow } from './consent-clicks.mjs';
import { PACKAGES } from './suite.mjs';
import { buildSwitchyard, startSwitchyard } from './switchyard.mjs';

const SITE = { cloudId: 'c0ffee00-0000-4000-8000-000000000001', alias: 'fix' };
const PERSON = { sub: 'alice', name: 'Alice Example', email: 'alice@acme.example', groups: [] };
const SECRET = 'a secret of the conformance run, of no use elsewhere';
const SCENARIOS = 2;

process.exitCode = await run();

/** @returns {Promise<number>} exit code: 0 both scenarios passed */
async function run() {
  const owned = [];
  try {
    await buildSwitchyard();
    const scratch = await mkdtemp(join(tmpdir(), 'switchyard-conformance-'));
    owned.push(() => rm(scratch, { recursive: true, force: true }));
    const company = createIdentityProvider({ people: [PERSON], settings: { autoSignIn: PERSON.sub } });
    owned.push(company.stop);
    const { issuer } = await company.start();
    const oauth = { issuer, clientId: 'switchyard', clientSecret: SECRET };
    const endpoint = 'http://127.0.0.1:9/mcp';
    const switchyard = await startSwitchyard({ site: SITE, endpoint, scratch, auth: { oauth } });
    owned.push(switchyard.close);
    const { origin } = switchyard;
    const redirectUris = [`${origin}/oauth/callback`];
    company.control.putClient({ clientId: 'switchyard', clientSecret: SECRET, redirectUris });
    return await judge(origin, await freePort());
  } finally {
    for (const close of owned.toReversed()) await close();
  }
}

/** @param {string} origin @param {number} port of the suite's callback @returns {Promise<number>} */
async function judge(origin, port) {
  const clientId = await register(origin, `http://127.0.0.1:${port}/callback`);
  const packages = PACKAGES.flatMap((each) => ['-p', each]);
  const where = [
    '--url',
    origin,
    '--client-id',
    clientId,
    '--resource',
    `${origin}/mcp`,
    '--port',
    String(port),
  ];
  const suite = spawn('npx', ['-y', ...packages, 'conformance', 'authorization', ...where], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(suite, 'exit');
  let passed = 0;
  for await (const line of createInterface({ input: suite.stdout })) {
    process.stdout.write(`${line}\n`);
    if (line.startsWith(`${origin}/oauth/authorize?`)) await signInAndAllow(line);
    if (/^✓ \S+: [1-9]\d* passed, 0 failed/.test(line)) passed += 1;
  }
  const [code] = await ended;
  process.stdout.write(`${passed} of ${SCENARIOS} authorization scenarios pass\n`);
  return code === 0 && passed === SCENARIOS ? 0 : 1;
}

/** @param {string} origin @param {string} redirectUri @returns {Promise<string>} the id of a new client */
async function register(origin, redirectUri) {
  const response = await fetch(`${origin}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Conformance',
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: 'none',
    }),
  });
  const { client_id: clientId } = await response.json();
  return clientId;
}

/** @returns {Promise<number>} */
async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
