import { once } from 'node:events';
import { createServer } from 'node:net';

import { describe, expect, it, onTestFinished } from 'vitest';

import { BOUND, CLOUD_ID, openOauth, startAtlassian } from './fixture.ts';

type Json = Record<string, unknown>;

/** A port on which nobody may ever knock. */
async function openTrap(): Promise<{ readonly origin: string; knocks(): number }> {
  let knocks = 0;
  const server = createServer((socket) => {
    knocks += 1;
    socket.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return { origin: `http://127.0.0.1:${port}`, knocks: () => knocks };
}

interface Honest {
  readonly origin: string;
  readonly issuer: string;
  readonly trap: string;
}

type Change = (honest: Honest) => Json;

const ENDPOINTS = [
  'authorization_endpoint',
  'token_endpoint',
  'registration_endpoint',
  'revocation_endpoint',
];

/** Where a server could point an endpoint to, other than itself. */
const ELSEWHERE: readonly (readonly [string, (honest: Honest) => unknown])[] = [
  ['another port', ({ trap }) => `${trap}/x`],
  ['another host', () => 'https://evil.example/x'],
  ['https on its own port', ({ origin }) => `${origin.replace('http:', 'https:')}/x`],
  ['a metadata service', () => 'http://169.254.169.254/latest'],
  ['a private address', () => 'https://10.0.0.1/x'],
  ['a user name that looks like its host', ({ origin }) => `${origin.replace('://', '://evil@')}/x`],
  ['a host that begins like its own', ({ origin }) => `${origin}.evil.example/x`],
  ['a fragment', ({ origin }) => `${origin}/x#y`],
  ['a program', () => 'javascript:alert(1)'],
  ['a file', () => 'file:///etc/passwd'],
  ['nothing', () => ''],
  ['no text', () => 7],
  ['a path', () => '/oauth/token'],
];

const METADATA: readonly (readonly [string, Change])[] = [
  ['another issuer', () => ({ issuer: 'https://evil.example' })],
  ['its issuer with a slash', ({ issuer }) => ({ issuer: `${issuer}/` })],
  ['its issuer in capitals', ({ issuer }) => ({ issuer: issuer.toUpperCase() })],
  ['its issuer without its path', ({ origin }) => ({ issuer: origin })],
  ['no issuer', () => ({ issuer: undefined })],
  ['a list of issuers', ({ issuer }) => ({ issuer: [issuer] })],
  ['no PKCE', () => ({ code_challenge_methods_supported: undefined })],
  ['plain PKCE', () => ({ code_challenge_methods_supported: ['plain'] })],
  ['no code', () => ({ response_types_supported: ['token'] })],
  ...ENDPOINTS.flatMap((endpoint) =>
    ELSEWHERE.map(
      ([where, urlOf]) =>
        [`its ${endpoint} at ${where}`, (honest: Honest) => ({ [endpoint]: urlOf(honest) })] as const,
    ),
  ),
];

const RESOURCE: readonly (readonly [string, Change])[] = [
  ['another resource', () => ({ resource: 'https://evil.example/v2/mcp' })],
  ['another path of its origin', ({ origin }) => ({ resource: `${origin}/v1/mcp` })],
  ['its own name with the query', ({ origin }) => ({ resource: `${origin}/v2/mcp?tools=all` })],
  ['no resource', () => ({ resource: undefined })],
  ['no server', () => ({ authorization_servers: [] })],
  ['a server that is no text', () => ({ authorization_servers: [{}] })],
  ['a server that is no URL', () => ({ authorization_servers: ['evil'] })],
  ['a server with a query', ({ issuer }) => ({ authorization_servers: [`${issuer}?x=1`] })],
  ['a server at a private address', () => ({ authorization_servers: ['https://192.168.0.1'] })],
  ['a server at a metadata service', () => ({ authorization_servers: ['http://169.254.169.254'] })],
  ['a server without https', () => ({ authorization_servers: ['http://auth.example'] })],
];

const DOCUMENTS: readonly (readonly [string, string])[] = [
  ['no JSON', '<html>'],
  ['a list', '[]'],
  ['a text', '"x"'],
  ['null', 'null'],
  ['a document without end', `{"x":"${'x'.repeat(70_000)}"}`],
];

describe('a description that breaks a rule ends the attempt', () => {
  it.each(METADATA)('of a server with %s', async (_what, change) => {
    const atlassian = await startAtlassian();
    const trap = await openTrap();
    const { origin, issuer } = atlassian;
    Object.assign(Object(atlassian.metadata), change({ origin, issuer, trap: trap.origin }));
    await expectRefusal(atlassian.endpoint);
    expect(atlassian.came.every(({ method }) => method === 'GET')).toBe(true);
    expect(trap.knocks()).toBe(0);
  });

  it.each(RESOURCE)('of an endpoint with %s', async (_what, change) => {
    const atlassian = await startAtlassian();
    const trap = await openTrap();
    const { origin, issuer } = atlassian;
    Object.assign(Object(atlassian.resource), change({ origin, issuer, trap: trap.origin }));
    await expectRefusal(atlassian.endpoint);
    expect(atlassian.came).toHaveLength(1);
    expect(trap.knocks()).toBe(0);
  });

  it.each(DOCUMENTS)('that is %s', async (_what, body) => {
    for (const part of ['resource', 'metadata'] as const) {
      const atlassian = await startAtlassian();
      atlassian[part] = body;
      await expectRefusal(atlassian.endpoint);
      expect(atlassian.came.every(({ method }) => method === 'GET')).toBe(true);
    }
  });

  it.each(['resource', 'metadata'] as const)('that is not there: %s', async (part) => {
    const atlassian = await startAtlassian();
    atlassian[part] = null;
    await expectRefusal(atlassian.endpoint);
  });

  it('of a challenge that names a document of another origin, which is not fetched', async () => {
    const atlassian = await startAtlassian();
    const trap = await openTrap();
    for (const resourceMetadata of [`${trap.origin}/x`, 'https://evil.example/x', 'evil']) {
      const asked = openOauth().begin({
        endpoint: atlassian.endpoint,
        cloudId: CLOUD_ID,
        bound: BOUND,
        challenge: { resourceMetadata },
      });
      await expect(asked).rejects.toMatchObject({ code: 'metadata_refused' });
    }
    expect([atlassian.came.length, trap.knocks()]).toEqual([0, 0]);
  });

  it('of a public endpoint that leads to this machine, with no connection', async () => {
    const trap = await openTrap();
    const { port } = new URL(trap.origin);
    const oauth = openOauth({
      egress: { resolver: (_host, done) => done(null, [{ address: '127.0.0.1', family: 4 }]) },
    });
    const asked = oauth.begin({
      endpoint: `https://mcp.example:${port}/v2/mcp`,
      cloudId: CLOUD_ID,
      bound: BOUND,
    });
    await expect(asked).rejects.toMatchObject({ code: 'metadata_refused' });
    expect(trap.knocks()).toBe(0);
  });
});

describe('a registration', () => {
  it.each([
    ['is refused', 400, { error: 'invalid_client_metadata' }, 'registration_refused'],
    ['is refused for our address', 400, { error: 'invalid_redirect_uri' }, 'domain_refused'],
    ['fails', 500, {}, 'unreachable'],
    ['gives no client', 201, {}, 'registration_refused'],
    ['gives a client without a name', 201, { client_id: '' }, 'registration_refused'],
  ])('that %s ends the attempt', async (_what, status, body, code) => {
    const atlassian = await startAtlassian();
    atlassian.registration = { status, body };
    const asked = openOauth().begin({ endpoint: atlassian.endpoint, cloudId: CLOUD_ID, bound: BOUND });
    await expect(asked).rejects.toMatchObject({ code });
  });

  it('that the server does not offer ends the attempt', async () => {
    const atlassian = await startAtlassian();
    Object.assign(Object(atlassian.metadata), { registration_endpoint: undefined });
    const asked = openOauth().begin({ endpoint: atlassian.endpoint, cloudId: CLOUD_ID, bound: BOUND });
    await expect(asked).rejects.toMatchObject({ code: 'not_offered' });
  });
});

async function expectRefusal(endpoint: string): Promise<void> {
  const error: unknown = await openOauth()
    .begin({ endpoint, cloudId: CLOUD_ID, bound: BOUND })
    .catch((each) => each);
  expect(error).toMatchObject({ name: 'LinkError' });
  expect(['metadata_refused', 'unreachable']).toContain((error as { code: string }).code);
}
