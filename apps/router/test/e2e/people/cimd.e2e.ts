import { expect, it } from 'vitest';

import { THREE_SITES } from '../estate.ts';
import { askAdmin } from './admin-client.ts';
import { clientDocument as document, serveDocument } from './client-document.ts';
import { createCookieBrowser } from './cookie-browser.ts';
import { accountAt, listOf } from './mcp-answers.ts';
import { askMcp, authorizeUrl, CLAUDE_CALLBACK } from './oauth-client.ts';
import { startPeopleEstate } from './people-estate.ts';
import { createPerson } from './test-person.ts';

it.each<[string, string, Readonly<Record<string, unknown>>]>([
  ['that speaks for another client', '', { client_id: 'https://claude.ai/oauth/client.json' }],
  ['that holds a secret', '', { client_secret: 'a-secret-in-public' }],
  ['whose codes go where nothing is allowed', '', { redirect_uris: ['https://evil.example/callback'] }],
  ['that is no list of addresses', '', { redirect_uris: CLAUDE_CALLBACK }],
  ['of a host that was not allowed', 'registration: { cimdHosts: [claude.ai] }', {}],
  ['when documents are turned off', 'registration: { cimd: false }', {}],
])('sends nobody on for a document %s', async (_what, oauth, wrong) => {
  const { url } = await startPeopleEstate({ sites: THREE_SITES, oauth });
  const client = await serveDocument((clientId) => ({ ...document(clientId), ...wrong }));
  const browser = createCookieBrowser();

  const page = await browser.open(authorizeUrl(url, client).href);

  expect(page.status).toBe(400);
  expect(browser.visits.map(({ headers }) => headers.get('location'))).toEqual([null]);
  expect(client.asked() > 0).toBe(oauth === '');
});

it('lets a client in by its document beside one that registered, and each out again alone', async () => {
  const estate = await startPeopleEstate({ sites: THREE_SITES });
  const { url } = estate;
  const client = await serveDocument(document);
  const alice = createPerson(estate, 'alice');

  const byDocument = (await alice.connect({ client, sites: ['eng'] })).access_token;
  const registered = (await alice.connect({ sites: ['eng', 'ops'] })).access_token;
  await alice.linkByOauth('eng');

  expect((await listOf(url, byDocument)).states).toEqual(['eng: ok']);
  expect((await listOf(url, registered)).states).toEqual(['eng: ok', 'ops: not-connected']);
  expect(await accountAt(url, byDocument, 'eng')).toBe('alice@demo.example');

  const revoked = await askAdmin(estate, 'POST /clients/revoke', { body: { clientId: client.clientId } });
  expect(revoked.body).toEqual({ clientId: client.clientId, revoked: 1 });
  expect((await askMcp(url, byDocument, { method: 'tools/list' })).status).toBe(401);
  expect((await askMcp(url, registered, { method: 'tools/list' })).status).toBe(200);
});
