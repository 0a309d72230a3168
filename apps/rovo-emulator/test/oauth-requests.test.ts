import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import { CONSOLE_CLIENT_ID, type EmulatorSettings } from '../src/index.ts';
import { textAt } from './emulator-client.ts';
import { CALLBACK, callbackOf, startOAuth } from './oauth-client.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Serves a client-id metadata document and answers its URL. */
async function documentUrl(document: (url: string) => unknown): Promise<string> {
  const server = createServer((_, response) => {
    const body = document(url);
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/client.json`;
  return url;
}

describe('registration', () => {
  it.each([
    ['no JSON', 'x', 'invalid_client_metadata'],
    ['a list', [], 'invalid_client_metadata'],
    ['no redirect URI', { redirect_uris: [] }, 'invalid_redirect_uri'],
    ['a redirect URI that is none', { redirect_uris: ['callback'] }, 'invalid_redirect_uri'],
    ['a number among the URIs', { redirect_uris: [CALLBACK, 7] }, 'invalid_redirect_uri'],
    ['a fragment', { redirect_uris: [`${CALLBACK}#x`] }, 'invalid_redirect_uri'],
    ['a script', { redirect_uris: ['javascript:alert(1)'] }, 'invalid_redirect_uri'],
    [
      '21 redirect URIs',
      { redirect_uris: Array.from({ length: 21 }, () => CALLBACK) },
      'invalid_redirect_uri',
    ],
    [
      'another method',
      { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'tls' },
      'invalid_client_metadata',
    ],
  ])('refuses %s', async (_what, metadata, error) => {
    const oauth = await startOAuth();

    const answer = await oauth.register(metadata);

    expect([answer.status, answer.json['error']]).toEqual([400, error]);
  });

  it('answers 404 where it is turned off, and metadata does not name it', async () => {
    const oauth = await startOAuth({ settings: { oauthRegistration: false } });

    expect((await oauth.register()).status).toBe(404);
    expect(await oauth.metadata()).not.toHaveProperty('registration_endpoint');
  });

  it.each([
    ['none', true, true],
    ['none', false, false],
    ['client_secret_basic', false, true],
  ])(
    'asked for %s, with oauthSecretDespiteNone %s: secret %s',
    async (method, oauthSecretDespiteNone, secret) => {
      const oauth = await startOAuth({ settings: { oauthSecretDespiteNone } });

      const { json } = await oauth.register({
        client_name: 'x',
        redirect_uris: [CALLBACK],
        token_endpoint_auth_method: method,
      });

      expect('client_secret' in json).toBe(secret);
      expect(json).toMatchObject({ client_name: 'x', token_endpoint_auth_method: method });
    },
  );

  it('a secret that came despite none is expected at the token endpoint', async () => {
    const oauth = await startOAuth();
    const client = await oauth.client();
    const code = (await oauth.callback(client)).get('code') ?? '';

    const without = await oauth.redeem({ ...client, secret: undefined }, code);
    const withIt = await oauth.redeem(client, code);

    expect([without.status, without.json['error']]).toEqual([401, 'invalid_client']);
    expect(withIt.status).toBe(200);
  });
});

describe('authorization requests that are answered with a page, never with a redirect', () => {
  it.each([
    ['no client', { client_id: undefined }, 'client_id is missing'],
    ['an unknown client', { client_id: 'x' }, 'Unknown client'],
    ['an app of the developer console', { client_id: CONSOLE_CLIENT_ID }, 'not accepted'],
    ['a redirect URI of somebody else', { redirect_uri: `${CALLBACK}/x` }, 'redirect_uri is not registered'],
    [
      'another port',
      { redirect_uri: 'http://127.0.0.1:8000/connect/callback' },
      'Incorrect request parameters',
    ],
    ['no redirect URI', { redirect_uri: undefined }, 'Incorrect request parameters'],
  ])('%s', async (_what, bend, text) => {
    const oauth = await startOAuth();

    const response = await oauth.authorize(await oauth.client(), bend);

    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
    expect(await response.text()).toContain(text);
  });

  it('a client of the old server is unknown to the current one', async () => {
    const oauth = await startOAuth();
    const old = await oauth.client('old');

    const response = await oauth.authorize({ ...old, server: 'current' });

    expect(await response.text()).toContain('Unknown client');
  });

  it.each<[string, Partial<EmulatorSettings>, string]>([
    [
      'a domain off the allowlist',
      {
        oauthRedirectDomains: [
          'https://*.acme.example/**',
          'http://127.0.0.1/**',
          'http://127.0.0.1:7999/other',
        ],
      },
      'Your organization admin must authorize access from a domain/redirect URL',
    ],
    ['a blocked domain', { oauthBlockedDomains: ['127.0.0.1'] }, 'Your admin has blocked this domain'],
    [
      'an account without a site here',
      { oauthAutoApprove: { account: 'dave@elsewhere.example', cloudId: 'x' } },
      'associated with a supported site',
    ],
  ])('%s', async (_what, settings, text) => {
    const oauth = await startOAuth({ settings });

    const response = await oauth.authorize(await oauth.client());

    expect(response.status).toBe(403);
    expect((await response.text()).replaceAll('&#39;', "'")).toContain(text);
  });

  it.each(['http://127.0.0.1:*/**', 'http://127.0.0.1:7999/connect/**', CALLBACK])(
    'the allowlist entry %s lets the callback through',
    async (pattern) => {
      const oauth = await startOAuth({ settings: { oauthRedirectDomains: [pattern] } });

      expect((await oauth.callback(await oauth.client())).get('code')).toBeTruthy();
    },
  );
});

describe('authorization requests that are sent back with an error', () => {
  it.each([
    ['another response type', { response_type: 'token' }, 'unsupported_response_type'],
    ['no PKCE', { code_challenge: undefined }, 'invalid_request'],
    ['plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['PKCE without a method', { code_challenge_method: undefined }, 'invalid_request'],
    ['a challenge of another length', { code_challenge: 'short' }, 'invalid_request'],
    ['an unknown scope', { scope: 'read:me read:everything' }, 'invalid_scope'],
    ['the resource of somebody else', { resource: 'https://mcp.example/v2/mcp' }, 'invalid_target'],
    ['a resource that is no MCP URL', { resource: '$origin/control/state' }, 'invalid_target'],
    ['a resource with its query', { resource: '$origin/v2/mcp?tools=all' }, 'invalid_target'],
  ])('%s', async (_what, bend: Record<string, string | undefined>, error) => {
    const oauth = await startOAuth();
    const resource = bend['resource']?.replace('$origin', oauth.url) ?? `${oauth.url}/v2/mcp`;

    const callback = await oauth.callback(await oauth.client(), { ...bend, resource });

    expect(callback.get('error')).toBe(error);
    expect([callback.get('state'), callback.get('iss')]).toEqual(['some-state', `${oauth.url}/emulated`]);
    expect(callback.has('code')).toBe(false);
  });

  it('no resource, where it is required', async () => {
    const oauth = await startOAuth();
    const client = await oauth.client();

    expect((await oauth.callback(client, { resource: undefined })).has('code')).toBe(true);
    oauth.emulator.control.updateSettings({ oauthResourceRequired: true });
    expect((await oauth.callback(client, { resource: undefined })).get('error')).toBe('invalid_target');
  });
});

describe('client-id metadata documents', () => {
  it.each<[string, (url: string) => unknown]>([
    ['no JSON', () => '<html>'],
    ['of another client', (url) => ({ client_id: `${url}x`, redirect_uris: [CALLBACK] })],
    ['without redirect URIs', (url) => ({ client_id: url })],
    ['too long', (url) => ({ client_id: url, redirect_uris: [CALLBACK], x: 'x'.repeat(5_120) })],
  ])('%s are refused', async (_what, document) => {
    const oauth = await startOAuth();
    const id = await documentUrl(document);

    const response = await oauth.authorize({ server: 'current', id, secret: undefined });

    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
  });

  it.each([
    ['http://client.example/client.json', 'plain http'],
    ['https://127.0.0.1', 'no path'],
  ])('%s is no document (%s)', async (id) => {
    const oauth = await startOAuth();

    expect(await (await oauth.authorize({ server: 'current', id, secret: undefined })).text()).toContain(
      'Unknown client',
    );
  });

  it('carry a public client through the whole flow, unless they are turned off', async () => {
    const oauth = await startOAuth();
    const id = await documentUrl((url) => ({ client_id: url, client_name: 'x', redirect_uris: [CALLBACK] }));
    const client = { server: 'current', id, secret: undefined } as const;

    const code = callbackOf(await oauth.authorize(client)).get('code') ?? '';
    const { json } = await oauth.redeem(client, code);
    const refreshed = await oauth.refresh(client, textAt(json['refresh_token']));

    expect(refreshed.status).toBe(200);
    oauth.emulator.control.updateSettings({ oauthClientMetadata: false });
    expect((await oauth.authorize(client)).status).toBe(400);
    expect((await oauth.metadata())['client_id_metadata_document_supported']).toBe(false);
  });
});
