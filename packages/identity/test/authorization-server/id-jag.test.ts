import { randomUUID } from 'node:crypto';

import { Secret } from '@switchyard/catalogue';
import { generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { tryAll } from '../hostile/report.ts';
import { ALICE, startCompanyProvider, type CompanyProvider } from './company-provider.ts';
import { askToken, connect, register, startTestServer, type TestServer } from './test-server.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const SECRET = 'a-secret-of-at-least-32-characters';

let running: TestServer;
let company: CompanyProvider;
beforeAll(async () => {
  company = await startCompanyProvider();
  running = await startTestServer({
    idJag: [company.issuer],
    identityProvider: {
      issuer: company.issuer,
      clientId: 'switchyard',
      clientSecret: new Secret('idp-secret'),
    },
  });
  const client = {
    clientId: 'claude',
    name: 'Claude',
    secret: new Secret(SECRET),
    redirectUris: ['https://claude.ai/api/mcp/auth_callback'],
  };
  running.rules.policy = { ...running.rules.policy, clients: [client] };
});
afterAll(async () => {
  await running.close();
  await company.close();
});

function claims(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1_000);
  return {
    iss: company.issuer,
    ...ALICE,
    aud: running.origin,
    client_id: 'claude',
    resource: `${running.origin}/mcp`,
    scope: 'atl:read atl:write',
    jti: randomUUID(),
    iat: now,
    exp: now + 300,
    ...changes,
  };
}

function ask(assertion: string, changes: Record<string, string> = {}): ReturnType<typeof askToken> {
  return askToken(running, {
    grant_type: GRANT,
    client_id: 'claude',
    client_secret: SECRET,
    assertion,
    ...changes,
  });
}

describe('enterprise-managed authorization', () => {
  test('the provider vouches, and nobody is asked: a token without a refresh token, and a connection to see and end', async () => {
    const { status, body } = await ask(await company.assertion(claims()));
    expect([status, body['refresh_token'], body['scope']]).toEqual([200, undefined, 'atl:read atl:write']);
    const verdict = await running.server.verify(body['access_token'] ?? '', `${running.origin}/mcp`);
    expect(verdict).toMatchObject({
      ok: true,
      token: { clientId: 'claude', person: { email: 'alice@acme.example', groups: ['eng', 'staff'] } },
    });
    const [connection, ...others] = await running.server.connections({ clientId: 'claude' });
    expect(connection).toMatchObject({ origin: 'id-jag' });
    expect(others).toEqual([]);
    await running.server.revokeConnection(connection?.id ?? '');
    expect((await running.server.verify(body['access_token'] ?? '', `${running.origin}/mcp`)).ok).toBe(false);
  });

  test('the person is the one that signs in with the browser', async () => {
    const { body } = await ask(await company.assertion(claims({ scope: 'atl:read' })));
    const verdict = await running.server.verify(body['access_token'] ?? '', `${running.origin}/mcp`);
    expect(verdict).toMatchObject({ ok: true, token: { scopes: ['atl:read'], picks: { readOnly: true } } });
    expect(
      (await running.server.people.list()).filter(({ email }) => email === 'alice@acme.example'),
    ).toHaveLength(1);
  });

  test('groups of the last sign-in stay where an assertion names none', async () => {
    await ask(await company.assertion(claims({ sub: 'carol', groups: ['eng'] })));
    const { body } = await ask(await company.assertion(claims({ sub: 'carol', groups: undefined })));
    const verdict = await running.server.verify(body['access_token'] ?? '', `${running.origin}/mcp`);
    expect(verdict.ok && verdict.token.person?.groups).toEqual(['eng']);
  });

  test('of 50 that bring one assertion, one gets a token', async () => {
    const assertion = await company.assertion(claims());
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(assertion)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('no bad assertion passes', async () => {
    const now = Math.floor(Date.now() / 1_000);
    const { privateKey } = await generateKeyPair('RS256');
    const stranger = await startCompanyProvider();
    const gone = ['iss', 'sub', 'aud', 'client_id', 'resource', 'jti', 'iat', 'exp'].map((name) =>
      claims({ [name]: undefined }),
    );
    const changed = [
      { iss: 'https://evil.example' },
      { iss: stranger.issuer },
      { iss: `${company.issuer}/` },
      { sub: '' },
      { aud: 'https://evil.example' },
      { aud: [running.origin] },
      { aud: [running.origin, 'https://evil.example'] },
      { aud: `${running.origin}/` },
      { aud: `${running.origin}/oauth/token` },
      { client_id: 'other' },
      { client_id: ['claude'] },
      { client_id: '' },
      { resource: 'https://evil.example/mcp' },
      { resource: `${running.origin}/admin` },
      { resource: [`${running.origin}/mcp`] },
      { resource: '' },
      { resource: `${running.origin}/other` },
      { exp: now - 1 },
      { exp: now + 3_600 },
      { iat: now - 3_600, exp: now + 60 },
      { iat: now + 3_600, exp: now + 3_700 },
      { scope: 'switchyard:admin' },
      { scope: '' },
      { nbf: now + 600 },
    ].map((change) => claims(change));
    const whole = claims();
    const assertions = [
      ...(await Promise.all([...gone, ...changed].map((each) => company.assertion(each)))),
      ...(await Promise.all(
        ['JWT', 'at+jwt', '', 'oauth-id-jag'].map((typ) => company.assertion(whole, { typ })),
      )),
      await company.assertion(whole, { key: privateKey }),
      await stranger.assertion(whole),
      await stranger.assertion(claims({ iss: stranger.issuer })),
      '',
      'x',
      'a.b.c',
      'x'.repeat(20_000),
    ];
    await tryAll('ID-JAG assertions', {
      cases: assertions,
      least: 40,
      passes: async (assertion) => (await ask(assertion)).status === 200,
    });
    await stranger.close();
  });

  test.each([
    ['another place than the assertion names', { resource: 'https://evil.example/mcp' }],
    ['another place of this server', { resource: 'own' }],
    ['a wrong secret', { client_secret: 'wrong' }],
  ])('%s is refused', async (_what, change) => {
    const resource =
      'resource' in change && change.resource === 'own'
        ? { resource: `${running.origin}/mcp/sites/eng` }
        : change;
    expect((await ask(await company.assertion(claims()), resource)).status).toBeGreaterThanOrEqual(400);
  });

  test('a client that cannot prove itself cannot use an assertion', async () => {
    const { body } = await register(running, { grant_types: ['authorization_code', GRANT] });
    const clientId = String(body['client_id']);
    const answer = await askToken(running, {
      grant_type: GRANT,
      client_id: clientId,
      assertion: await company.assertion(claims({ client_id: clientId })),
    });
    expect(answer.status).toBe(400);
  });

  test('where it is not turned on there is no such grant', async () => {
    const without = await startTestServer();
    const { clientId } = await connect(without);
    const answer = await askToken(without, { grant_type: GRANT, client_id: clientId, assertion: 'x' });
    expect(answer.body['error']).toBe('unsupported_grant_type');
    await without.close();
  });
});
