import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { defaultAccounts } from '@switchyard/rovo-emulator';
import { Redis } from 'ioredis';
import { expect, inject, it, onTestFinished } from 'vitest';

import { basic } from '../estate.ts';
import { askAdmin, enroll } from './admin-client.ts';
import { type Canaries, canariesIn, GIVEN, urlsOf } from './canaries.ts';
import { createProbe, mcp, pushEverywhere, type Said, tool } from './hostile-requests.ts';
import { CLAUDE_CALLBACK, exchangeCode } from './oauth-client.ts';
import { LINKABLE_SITES, type PeopleEstate, startPeopleEstate } from './people-estate.ts';
import { createPerson } from './test-person.ts';

/** A Redis user with a password, on the server of the tests; its database is no other test's. */
async function redisWithPassword(): Promise<string> {
  const url = new URL(inject('redisUrl'));
  const admin = new Redis(url.href);
  const user = 'canaries';
  await admin.call(
    'ACL',
    'SETUSER',
    user,
    'reset',
    'on',
    `>${GIVEN['password of Redis']}`,
    '~*',
    '&*',
    '+@all',
  );
  onTestFinished(async () => {
    await admin.call('ACL', 'DELUSER', user);
    admin.disconnect();
  });
  Object.assign(url, { username: user, password: GIVEN['password of Redis'], pathname: '/10' });
  return url.href;
}

async function startEstate(): Promise<PeopleEstate & { readonly directory: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'switchyard-canaries-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const [eng, ops, labs] = LINKABLE_SITES;
  const shared = `identity: shared
allow: ['*@demo.example']
credential: { serviceAccountKey: ${GIVEN['key of a service account']} }`;
  const secrets = [
    { kind: 'api-token', secret: GIVEN['API token that was linked'] },
    { kind: 'api-token', secret: GIVEN['API token behind an enrolled token'] },
    { kind: 'api-token', secret: GIVEN['API token that was passed through'] },
  ] as const;
  const bot = { kind: 'service-key', secret: GIVEN['key of a service account'] } as const;
  const accounts = defaultAccounts.map((account) => {
    if (account.email === 'alice@demo.example') return { ...account, credentials: secrets };
    return account.accountId.endsWith('service-bot') ? { ...account, credentials: [bot] } : account;
  });
  const estate = await startPeopleEstate({
    sites: [eng, ops, labs && { ...labs, more: shared }].filter((site) => site !== undefined),
    auth: 'apiToken: { enabled: true }',
    oauth: `keys: [{ id: one, secret: ${GIVEN['encryption key']} }]
clients:
  - clientId: registered
    name: Registered
    secret: ${GIVEN['secret of a registered client']}
    redirectUris: ['${CLAUDE_CALLBACK}']`,
    more: `audit: { directory: '${directory}', key: '${GIVEN['audit key']}' }
log: { level: debug }
redis: { url: '${await redisWithPassword()}' }`,
    emulator: { accounts },
  });
  return { ...estate, directory };
}

it('lets no secret out: not into a log, a metric, a line of the audit trail, an error or an address (I5)', async () => {
  const estate = await startEstate();
  const { url, switchyard, log, directory } = estate;
  const probe = createProbe(estate);
  const alice = createPerson(estate, 'alice');

  const { client, ...answer } = await alice.consent();
  const { tokens } = await exchangeCode(url, client, answer);
  await alice.linkByToken('ops', GIVEN['API token that was linked']);
  await alice.linkByToken('ops', GIVEN['API token that was refused']);
  await alice.linkByOauth('eng');
  const { token: enrolled } = await enroll(estate, {
    actsAs: { email: 'alice@demo.example', apiToken: GIVEN['API token behind an enrolled token'] },
  });
  const { token: admin } = await enroll(estate, { role: 'admin' });
  const passed = basic('alice@demo.example', GIVEN['API token that was passed through']);
  const comment = tool('eng__addOrEditJiraIssueComment', {
    issueIdOrKey: 'ENG-1',
    commentBody: GIVEN['content of an argument'],
  });
  const bearers = [tokens.access_token, enrolled, admin, tokens.refresh_token].map(
    (token) => `Bearer ${token}`,
  );
  for (const authorization of [passed, ...bearers]) {
    for (const asked of [comment, tool('33333333__getJiraIssue', { issueIdOrKey: 'LAB-1' })]) {
      await probe.send('/mcp', mcp(authorization, asked));
      await probe.send('/mcp/sites/ops', mcp(authorization, asked));
    }
  }
  await askAdmin(estate, 'GET /people', { token: admin });
  await exchangeCode(url, client, answer);
  await pushEverywhere(probe, estate, tokens.access_token);

  const own = alice.browser.visits.filter((visit) => visit.url.startsWith(url));
  const callback = (path: string): URLSearchParams =>
    new URL(own.find((visit) => visit.url.startsWith(`${url}${path}?`))?.url ?? url).searchParams;
  const [fromIdp, fromAtlassian] = [callback('/oauth/callback'), callback('/connect/atlassian/callback')];
  const found: Canaries = {
    ...GIVEN,
    'access token': tokens.access_token,
    'refresh token': tokens.refresh_token,
    'authorization code': answer.query.get('code') ?? '',
    'state of the client': answer.query.get('state') ?? '',
    'PKCE verifier': answer.verifier,
    'code of the identity provider': fromIdp.get('code') ?? '',
    'state at the identity provider': fromIdp.get('state') ?? '',
    'code of Atlassian': fromAtlassian.get('code') ?? '',
    'state at Atlassian': fromAtlassian.get('state') ?? '',
    'enrolled token': enrolled,
    'token of an administrator': admin,
    'credential that was passed through': passed.replace('Basic ', ''),
    'cookie of the browser': alice.browser.cookies(url).get('switchyard-browser') ?? '',
    'cookie of the sign-in': alice.browser.cookies(url).get('switchyard') ?? '',
  };
  expect(Object.entries(found).filter(([, secret]) => secret.length < 16)).toEqual([]);

  const metrics = await (await fetch(`${switchyard.adminUrl}/metrics`)).text();
  await switchyard.close();
  const trail = readdirSync(directory).map((file) => readFileSync(join(directory, file), 'utf8'));
  const said: Said[] = [
    ...log.map((text) => ({ where: 'log', text })),
    ...trail.map((text) => ({ where: 'audit', text })),
    { where: 'metrics', text: metrics },
    ...probe.said,
    ...own.flatMap((visit) => {
      const where = new URL(visit.url).pathname;
      const errors = visit.status >= 400 ? [{ where, text: visit.text }] : [];
      return [...errors, ...urlsOf(visit).map((text) => ({ where: `${where}: address`, text }))];
    }),
  ];
  const leaks = said.flatMap(({ where, text }) =>
    canariesIn(text, found)
      .filter((name) => !isForReceiver(name, text))
      .map((name) => `${where}: ${name}`),
  );

  expect(leaks).toEqual([]);
  expect(Object.keys(found)).toHaveLength(38);
  expect(said.length).toBeGreaterThan(150);
  expect([log.length > 20, trail.join('').includes('"event":"call"')]).toEqual([true, true]);
});

/** A code and a state travel in addresses: to the one who waits for them, and no further. */
function isForReceiver(name: string, address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { href, pathname, searchParams } = new URL(address);
  const isClients = href.startsWith(`${CLAUDE_CALLBACK}?`);
  if (name === 'authorization code') return isClients && searchParams.has('code');
  if (name === 'state of the client') return isClients && searchParams.has('state');
  if (name === 'state at the identity provider') return pathname === '/auth' && searchParams.has('nonce');
  return (
    name === 'state at Atlassian' && pathname.endsWith('/authorize') && searchParams.has('code_challenge')
  );
}
