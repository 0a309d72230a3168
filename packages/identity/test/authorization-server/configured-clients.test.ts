import { randomUUID } from 'node:crypto';

import { Secret } from '@switchyard/catalogue';
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { ConfiguredClient } from '../../src/authorization-server/clients.ts';
import { createRedirectPolicy } from '../../src/authorization-server/redirect-policy.ts';
import {
  askToken,
  authorizeUrl,
  CLAUDE,
  codeForm,
  consent,
  register,
  signIn,
  startTestServer,
  type TestServer,
} from './test-server.ts';

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const SECRET = 'a-secret-of-at-least-32-characters';

let running: TestServer;
let sign: (claims: Record<string, unknown>, key?: CryptoKey) => Promise<string>;
let stranger: CryptoKey;

beforeAll(async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  stranger = (await generateKeyPair('ES256')).privateKey;
  sign = (claims, key = privateKey) => new SignJWT(claims).setProtectedHeader({ alg: 'ES256' }).sign(key);
  const clients: ConfiguredClient[] = [
    { clientId: 'ci', name: 'CI', secret: new Secret(SECRET), machine: { cloudIds: new Set(['site-1']) } },
    { clientId: 'reader', name: 'Reader', secret: new Secret(SECRET), machine: { readOnly: true } },
    { clientId: 'keyed', name: 'Keyed', jwks: { keys: [await exportJWK(publicKey)] }, machine: {} },
    {
      clientId: 'portal',
      name: 'Portal',
      secret: new Secret(SECRET),
      redirectUris: ['https://portal.acme.example/cb'],
    },
  ];
  running = await startTestServer();
  running.rules.policy = { ...running.rules.policy, clients };
});
afterAll(() => running.close());

const basic = (id: string, secret = SECRET) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});
const GRANT = { grant_type: 'client_credentials' };

describe('a client that acts for itself', () => {
  test.each([
    ['in the header', {}, basic('ci')],
    ['in the body', { client_id: 'ci', client_secret: SECRET }, {}],
  ])('proves itself with its secret %s', async (_where, form, headers) => {
    const { status, body } = await askToken(running, { ...GRANT, ...form }, headers);
    expect([status, body['scope'], body['refresh_token']]).toEqual([200, 'atl:read atl:write', undefined]);
    const verdict = await running.server.verify(body['access_token'] ?? '', `${running.origin}/mcp`);
    expect(verdict).toEqual({
      ok: true,
      token: {
        clientId: 'ci',
        scopes: ['atl:read', 'atl:write'],
        picks: { cloudIds: new Set(['site-1']) },
        expiresAtMs: expect.any(Number) as number,
      },
    });
  });

  test('reads only where it is to read only, whatever it asks for', async () => {
    const { body } = await askToken(running, { ...GRANT, scope: 'atl:read atl:write' }, basic('reader'));
    expect(body['scope']).toBe('atl:read');
  });

  test('gets a token for one place', async () => {
    const resource = `${running.origin}/mcp/sites/eng`;
    const { body } = await askToken(running, { ...GRANT, resource }, basic('ci'));
    expect((await running.server.verify(body['access_token'] ?? '', resource)).ok).toBe(true);
    expect((await running.server.verify(body['access_token'] ?? '', `${running.origin}/mcp`)).ok).toBe(false);
    const foreign = await askToken(running, { ...GRANT, resource: 'https://evil.example/mcp' }, basic('ci'));
    expect(foreign.body['error']).toBe('invalid_target');
    const admin = await askToken(running, { ...GRANT, resource: `${running.origin}/admin` }, basic('ci'));
    expect(admin.body['error']).toBe('invalid_target');
  });

  test.each([
    ['a wrong secret', {}, basic('ci', 'wrong')],
    ['no secret', { client_id: 'ci' }, {}],
    ['a secret twice', { client_id: 'ci', client_secret: SECRET }, basic('ci')],
    ['the secret of nobody', {}, basic('nobody')],
    ['a client that is for people', {}, basic('portal')],
  ])('%s opens nothing', async (_what, form, headers) => {
    const { status, body } = await askToken(running, { ...GRANT, ...form }, headers);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body).not.toHaveProperty('access_token');
  });

  test('a client that registered itself never acts for itself', async () => {
    const { body } = await register(running, {
      token_endpoint_auth_method: 'client_secret_basic',
      grant_types: ['client_credentials'],
    });
    const asked = await askToken(
      running,
      GRANT,
      basic(String(body['client_id']), String(body['client_secret'])),
    );
    expect(asked.status).toBe(400);
  });

  test('blocked, or gone from the configuration, its token is worth nothing', async () => {
    const { body } = await askToken(running, GRANT, basic('reader'));
    const token = body['access_token'] ?? '';
    const good = async (): Promise<boolean> =>
      (await running.server.verify(token, `${running.origin}/mcp`)).ok;
    expect(await good()).toBe(true);
    await running.server.revokeClient('reader', { block: true });
    expect(await good()).toBe(false);
    await running.server.unblockClient('reader');
    expect(await good()).toBe(true);
    const { policy } = running.rules;
    running.rules.policy = { ...policy, clients: [] };
    expect(await good()).toBe(false);
    running.rules.policy = policy;
  });
});

function claims(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1_000);
  const who = { iss: 'keyed', sub: 'keyed', aud: `${running.origin}/oauth/token` };
  return { ...who, jti: randomUUID(), iat: now, exp: now + 60, ...changes };
}

function ask(assertion: string): ReturnType<typeof askToken> {
  return askToken(running, { ...GRANT, client_assertion_type: ASSERTION, client_assertion: assertion });
}

describe('private_key_jwt', () => {
  test('an assertion is good once', async () => {
    const assertion = await sign(claims());
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(assertion)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(49);
  });

  test.each([
    ['of another issuer', { iss: 'other' }],
    ['for another server', { aud: 'https://evil.example/token' }],
    ['that has expired', { exp: 1 }],
    ['without an end', { exp: undefined }],
    ['without an id', { jti: undefined }],
    ['of another client', { sub: 'ci', iss: 'ci' }],
  ])('one %s is refused', async (_what, change) => {
    expect((await ask(await sign(claims(change)))).status).toBe(401);
  });

  test('one that is signed with another key is refused', async () => {
    expect((await ask(await sign(claims(), stranger))).status).toBe(401);
  });
});

describe('a client that an administrator entered for people', () => {
  test('has the addresses that stand in the configuration, and no others', async () => {
    const redirect_uri = 'https://portal.acme.example/cb';
    const page = await signIn(running, authorizeUrl(running, 'portal', { redirect_uri }));
    const answer = await consent(running, page);
    const form = codeForm('portal', answer.get('code') ?? '', { redirect_uri });
    expect((await askToken(running, { ...form, client_secret: SECRET })).status).toBe(200);
    const other = await fetch(authorizeUrl(running, 'portal', { redirect_uri: CLAUDE }), {
      redirect: 'manual',
    });
    expect(other.status).toBe(400);
  });
});

describe('rules that become narrower', () => {
  test('hold for the port too, which a program on the own machine may otherwise choose', async () => {
    const { policy } = running.rules;
    const redirect_uris = ['http://localhost:8787/callback'];
    const clientId = String((await register(running, { redirect_uris })).body['client_id']);
    const url = authorizeUrl(running, clientId, { redirect_uri: 'http://localhost:9999/callback' });
    expect((await signIn(running, url)).page).toContain('/oauth/interaction/');
    running.rules.policy = { ...policy, redirects: createRedirectPolicy(['cursor']) };
    await expect(signIn(running, url)).rejects.toThrow('no such request');
    running.rules.policy = policy;
  });

  test('hold for clients that registered before', async () => {
    const clientId = String((await register(running)).body['client_id']);
    const { policy } = running.rules;
    running.rules.policy = { ...policy, redirects: createRedirectPolicy(['vscode']) };
    const refused = await fetch(authorizeUrl(running, clientId), { redirect: 'manual' });
    expect(refused.status).toBe(400);
    running.rules.policy = policy;
    const admitted = await fetch(authorizeUrl(running, clientId), { redirect: 'manual' });
    expect(admitted.status).toBe(303);
  });
});
