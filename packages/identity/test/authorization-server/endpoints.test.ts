import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import {
  authorizeUrl,
  connect,
  consent,
  register,
  signIn,
  startTestServer,
  type TestServer,
} from './test-server.ts';

let running: TestServer;
beforeAll(async () => void (running = await startTestServer()));
afterAll(() => running.close());

const FOUND = [
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server/mcp',
  '/.well-known/oauth-authorization-server/v2/mcp',
  '/.well-known/oauth-authorization-server/mcp/sites/eng',
  '/.well-known/openid-configuration/mcp/views/triage',
  '/mcp/.well-known/oauth-authorization-server',
  '/mcp/sites/eng/.well-known/openid-configuration',
];

describe('metadata', () => {
  test.each(FOUND)('%s', async (path) => {
    expect(running.server.serves(path)).toBe(true);
    const metadata = (await (await fetch(running.origin + path)).json()) as Record<string, unknown>;
    const at = (name: string): string => `${running.origin}/oauth/${name}`;
    expect(metadata).toMatchObject({
      issuer: running.origin,
      authorization_endpoint: at('authorize'),
      token_endpoint: at('token'),
      jwks_uri: at('jwks'),
      registration_endpoint: at('register'),
      revocation_endpoint: at('revoke'),
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: [
        'none',
        'client_secret_basic',
        'client_secret_post',
        'private_key_jwt',
      ],
      scopes_supported: ['openid', 'offline_access', 'atl:read', 'atl:write'],
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: true,
      id_token_signing_alg_values_supported: ['ES256'],
    });
    expect(metadata['grant_types_supported']).toEqual(
      expect.arrayContaining(['authorization_code', 'refresh_token', 'client_credentials']),
    );
    expect(metadata['grant_types_supported']).not.toContain('implicit');
  });

  test.each([
    '/.well-known/oauth-authorization-server/other',
    '/other/.well-known/openid-configuration',
    '/oauth/',
    '/oauth/par',
    '/oauth/authorize/a/b',
    '/oauth//token',
    '/OAUTH/token',
    '/session/end/confirm',
    '/',
    '/mcp',
  ])('%s is none of its paths', (path) => expect(running.server.serves(path)).toBe(false));

  test('what is turned off is not announced', async () => {
    const { policy } = running.rules;
    running.rules.policy = { ...policy, dcr: false, cimd: false };
    const metadata = (await (
      await fetch(`${running.origin}/.well-known/oauth-authorization-server`)
    ).json()) as object;
    expect(metadata).not.toHaveProperty('registration_endpoint');
    expect(metadata).not.toHaveProperty('client_id_metadata_document_supported');
    expect(await register(running)).toMatchObject({ status: 403, body: { error: 'access_denied' } });
    running.rules.policy = policy;
  });

  test('keys are published without their private part', async () => {
    const { keys } = (await (await fetch(`${running.origin}/oauth/jwks`)).json()) as {
      keys: Record<string, unknown>[];
    };
    expect(keys).toMatchObject([{ kty: 'EC', alg: 'ES256', use: 'sig' }]);
    expect(keys[0]).not.toHaveProperty('d');
  });

  test('a client in a browser may read them and register, from any origin', async () => {
    const headers = { origin: 'http://localhost:6274', 'access-control-request-method': 'POST' };
    const preflight = await fetch(`${running.origin}/oauth/register`, { method: 'OPTIONS', headers });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
  });
});

describe('the place that a token is for', () => {
  const places = [
    ['left out', undefined, '/mcp'],
    ['with a slash', '/mcp/', '/mcp'],
    ['the origin', '', '/mcp'],
    ['the origin with a slash', '/', '/mcp'],
    ['another generation of the same endpoint', '/v2/mcp', '/mcp'],
    ['one site', '/mcp/sites/eng', '/mcp/sites/eng'],
    ['a view', '/mcp/views/triage', '/mcp/views/triage'],
  ] as const;

  test.each(places)('%s', async (_what, asked, canonical) => {
    const resource = asked === undefined ? undefined : running.origin + asked;
    const { accessToken } = await connect(running, { resource });
    const others = ['/mcp', '/mcp/sites/eng', '/mcp/sites/ops', '/mcp/views/triage', '/admin'].filter(
      (path) => path !== canonical,
    );
    expect((await running.server.verify(accessToken, running.origin + canonical)).ok).toBe(true);
    for (const path of others) {
      expect(await running.server.verify(accessToken, running.origin + path)).toEqual({
        ok: false,
        fault: 'wrong_audience',
      });
    }
  });

  test('another one is refused with the client told, and so are two', async () => {
    const clientId = String((await register(running)).body['client_id']);
    const elsewhere = await fetch(authorizeUrl(running, clientId, { resource: 'https://evil.example/mcp' }), {
      redirect: 'manual',
    });
    expect(elsewhere.headers.get('location')).toContain('error=invalid_target');
    const two = `${authorizeUrl(running, clientId)}&resource=${encodeURIComponent(`${running.origin}/mcp/sites/eng`)}`;
    expect((await fetch(two, { redirect: 'manual' })).headers.get('location')).toContain(
      'error=invalid_target',
    );
  });
});

async function revoke(form: Record<string, string>): Promise<number> {
  const body = new URLSearchParams(form);
  return (await fetch(`${running.origin}/oauth/revoke`, { method: 'POST', body })).status;
}

describe('a client that gives its token back', () => {
  test('ends the connection', async () => {
    const { clientId, accessToken, refreshToken } = await connect(running);
    expect(await revoke({ client_id: clientId, token: refreshToken })).toBe(200);
    const verdict = await running.server.verify(accessToken, `${running.origin}/mcp`);
    expect(verdict).toEqual({ ok: false, fault: 'revoked' });
  });

  test('cannot give back the token of another, and is not told whether there is one', async () => {
    const { accessToken, refreshToken } = await connect(running);
    const other = await connect(running);
    expect(await revoke({ client_id: other.clientId, token: refreshToken })).toBe(200);
    expect(await revoke({ client_id: other.clientId, token: 'nothing' })).toBe(200);
    expect((await running.server.verify(accessToken, `${running.origin}/mcp`)).ok).toBe(true);
  });
});

test('a token for the admin API is for that alone, and has its scope', async () => {
  const { accessToken } = await connect(running, { resource: `${running.origin}/admin`, scope: undefined });
  const verdict = await running.server.verify(accessToken, `${running.origin}/admin`);
  expect(verdict).toMatchObject({ ok: true, token: { scopes: ['switchyard:admin'] } });
  expect((await running.server.verify(accessToken, `${running.origin}/mcp`)).ok).toBe(false);
});

describe('scopes', () => {
  test.each([
    ['nothing', undefined, 'atl:read atl:write'],
    ['what the server announces', 'openid offline_access atl:read atl:write', 'atl:read atl:write'],
    ['only unknown ones', 'read:jira-work', 'atl:read atl:write'],
    ['reading', 'atl:read', 'atl:read'],
    ['writing, which includes reading', 'atl:write', 'atl:read atl:write'],
  ])('a client that asks for %s', async (_what, scope, granted) => {
    const { accessToken } = await connect(running, { scope });
    const verdict = await running.server.verify(accessToken, `${running.origin}/mcp`);
    expect(verdict.ok && [...verdict.token.scopes].toSorted().join(' ')).toBe(granted);
  });

  test('a person who allows reading only gets the client a token for reading only', async () => {
    const clientId = String((await register(running)).body['client_id']);
    const page = await signIn(running, authorizeUrl(running, clientId));
    expect((await consent(running, page, { readOnly: true })).get('code')).not.toBeNull();
    const [connection] = await running.server.connections({ clientId });
    expect(connection).toMatchObject({ scopes: ['atl:read'], picks: { readOnly: true } });
  });
});
