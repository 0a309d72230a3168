import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { createMemoryState } from '../../src/index.ts';
import {
  backWith,
  begin,
  BOUND,
  CALLBACK,
  CLOUD_ID,
  DOCUMENT,
  openOauth,
  PLACES,
  startAtlassian,
} from './fixture.ts';

describe('asking for consent', () => {
  it('sends the browser with PKCE, the resource without its query, and a state of 256 bits', async () => {
    const atlassian = await startAtlassian();
    const address = await openOauth().begin({
      endpoint: atlassian.endpoint,
      cloudId: CLOUD_ID,
      bound: BOUND,
    });
    expect(address.startsWith(`${atlassian.origin}/authorize?`)).toBe(true);
    const asked = new URL(address).searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({
      response_type: 'code',
      client_id: 'dcr-client',
      redirect_uri: CALLBACK,
      code_challenge_method: 'S256',
      resource: `${atlassian.origin}/v2/mcp`,
      scope: 'read:me read:jira:agent-interface offline_access',
    });
    expect(Buffer.from(asked.get('state') ?? '', 'base64url')).toHaveLength(32);
    expect(asked.get('code_challenge')).toMatch(/^[\w-]{43}$/);
  });

  it.each(Object.entries(PLACES))(
    'finds a path-scoped issuer that describes itself %s',
    async (_name, place) => {
      const atlassian = await startAtlassian();
      atlassian.places = [place];
      expect((await begin(openOauth(), atlassian)).get('client_id')).toBe('dcr-client');
    },
  );

  it('asks for no offline access where the server does not list it', async () => {
    const atlassian = await startAtlassian();
    const { scopes_supported: _, ...metadata } = Object(atlassian.metadata) as Record<string, unknown>;
    atlassian.metadata = metadata;
    expect((await begin(openOauth(), atlassian)).get('scope')).toBe('read:me read:jira:agent-interface');
  });

  it('leaves the scope out where nobody says which there are', async () => {
    const atlassian = await startAtlassian();
    const { scopes_supported: _, ...resource } = Object(atlassian.resource) as Record<string, unknown>;
    const { scopes_supported: __, ...metadata } = Object(atlassian.metadata) as Record<string, unknown>;
    Object.assign(atlassian, { resource, metadata });
    expect((await begin(openOauth(), atlassian)).has('scope')).toBe(false);
  });
});

describe('becoming a client', () => {
  it('uses the metadata document where the server takes one and the world can read it', async () => {
    const atlassian = await startAtlassian();
    Object.assign(Object(atlassian.metadata), { client_id_metadata_document_supported: true });
    const asked = await begin(openOauth({ documentUrl: DOCUMENT }), atlassian);
    expect(asked.get('client_id')).toBe(DOCUMENT);
    expect(atlassian.sentTo(`${new URL(atlassian.issuer).pathname}/dcr/register`)).toEqual([]);
  });

  it.each([
    'http://127.0.0.1:8080/connect/client-metadata.json',
    'https://localhost/connect/c.json',
    'https://intranet/c',
  ])('registers itself where nobody could read the document: %s', async (documentUrl) => {
    const atlassian = await startAtlassian();
    Object.assign(Object(atlassian.metadata), { client_id_metadata_document_supported: true });
    expect((await begin(openOauth({ documentUrl }), atlassian)).get('client_id')).toBe('dcr-client');
  });

  it('registers once for all attempts and replicas', async () => {
    const atlassian = await startAtlassian();
    const state = createMemoryState();
    for (let attempt = 0; attempt < 3; attempt += 1) await begin(openOauth({ state }), atlassian);
    const [registration, ...more] = atlassian.came.filter(({ path }) => path.endsWith('/dcr/register'));
    expect(more).toEqual([]);
    expect(JSON.parse(registration?.body ?? '')).toMatchObject({
      redirect_uris: [CALLBACK],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
      application_type: 'web',
    });
  });

  it('registers anew at another address of its own, and when its secret runs out', async () => {
    const atlassian = await startAtlassian();
    const state = createMemoryState();
    const clock = { now: 1_800_000_000_000 };
    const now = (): number => clock.now;
    Object.assign(atlassian.registration.body, { client_secret_expires_at: 1_800_003_600 });
    await begin(openOauth({ state, now }), atlassian);
    await begin(openOauth({ state, now, callbackUrl: `${CALLBACK}2` }), atlassian);
    await begin(openOauth({ state, now, callbackUrl: `${CALLBACK}2` }), atlassian);
    clock.now += 3_600_000;
    await begin(openOauth({ state, now, callbackUrl: `${CALLBACK}2` }), atlassian);
    expect(atlassian.came.filter(({ path }) => path.endsWith('/dcr/register'))).toHaveLength(3);
  });

  it.each([
    ['a secret though none was asked for', {}, 'body'],
    ['a secret and says "none"', { token_endpoint_auth_method: 'none' }, 'header'],
    ['a secret for the header', { token_endpoint_auth_method: 'client_secret_basic' }, 'header'],
    ['a secret for the body', { token_endpoint_auth_method: 'client_secret_post' }, 'body'],
    ['no secret', { client_secret: undefined }, 'nothing'],
  ])('presents what it was given: %s', async (_what, said, where) => {
    const atlassian = await startAtlassian();
    if (where === 'body' && !('token_endpoint_auth_method' in said))
      Object.assign(Object(atlassian.metadata), {
        token_endpoint_auth_methods_supported: ['none', 'client_secret_post'],
      });
    Object.assign(atlassian.registration.body, said);
    const oauth = openOauth();
    const asked = await begin(oauth, atlassian);
    await oauth.finish(backWith(asked.get('state'), atlassian), BOUND);
    const [sent] = atlassian.sentTo('/oauth/token');
    const fields = new URLSearchParams(sent?.body);
    const basic = `Basic ${Buffer.from('dcr-client:dcr-secret').toString('base64')}`;
    expect({
      header: sent?.authorization,
      body: fields.get('client_secret'),
      id: fields.get('client_id'),
    }).toEqual({
      header: where === 'header' ? basic : undefined,
      body: where === 'body' ? 'dcr-secret' : null,
      id: where === 'header' ? null : 'dcr-client',
    });
  });
});

describe('the answer to a consent', () => {
  it('is exchanged with the verifier of the challenge, for the same resource and address', async () => {
    const atlassian = await startAtlassian();
    const oauth = openOauth({ now: () => 1_000 });
    const asked = await begin(oauth, atlassian);
    const given = await oauth.finish(backWith(asked.get('state'), atlassian), BOUND);
    const fields = new URLSearchParams(atlassian.sentTo('/oauth/token')[0]?.body);
    expect(Object.fromEntries(fields)).toMatchObject({
      grant_type: 'authorization_code',
      code: 'the-code',
      redirect_uri: CALLBACK,
      resource: `${atlassian.origin}/v2/mcp`,
    });
    const challenge = createHash('sha256')
      .update(fields.get('code_verifier') ?? '')
      .digest('base64url');
    expect(challenge).toBe(asked.get('code_challenge'));
    expect(given).toMatchObject({
      cloudId: CLOUD_ID,
      missingScopes: [],
      grant: {
        issuer: atlassian.issuer,
        resource: `${atlassian.origin}/v2/mcp`,
        client: { clientId: 'dcr-client', secret: 'dcr-secret' },
        accessToken: 'access-1',
        refreshToken: 'refresh-1',
        issuedAt: 1_000,
        expiresAt: 3_301_000,
      },
    });
  });

  it('names the scopes that were asked for and not given', async () => {
    const atlassian = await startAtlassian();
    const { token } = atlassian;
    atlassian.token = (fields) => {
      const { status, body } = token(fields);
      return { status, body: { ...body, scope: 'read:me offline_access' } };
    };
    const oauth = openOauth();
    const asked = await begin(oauth, atlassian);
    const { missingScopes, grant } = await oauth.finish(backWith(asked.get('state'), atlassian), BOUND);
    expect(missingScopes).toEqual(['read:jira:agent-interface']);
    expect(grant.scopes).toEqual(['read:me', 'offline_access']);
  });

  it.each([
    ['a state that nobody gave out', { state: 'A'.repeat(43) }, 'attempt_unknown'],
    ['no state', { state: '' }, 'attempt_unknown'],
    ['another issuer', { iss: 'https://evil.example' }, 'answer_refused'],
    ['the issuer with a slash', { iss: '<issuer>/' }, 'answer_refused'],
    ['no issuer, though the server said it would name it', { iss: '' }, 'answer_refused'],
    ['no code', { code: '' }, 'answer_refused'],
    ['a no', { code: '', error: 'access_denied' }, 'denied'],
    [
      "the organization's allowlist",
      { code: '', error: 'access_denied', error_description: 'Your admin has blocked this domain' },
      'domain_refused',
    ],
    ['a fault of the server', { code: '', error: 'server_error' }, 'exchange_refused'],
  ])('is refused with %s, without asking for tokens', async (_what, changed, code) => {
    const atlassian = await startAtlassian();
    const oauth = openOauth();
    const asked = await begin(oauth, atlassian);
    const answer = backWith(asked.get('state'), atlassian);
    for (const [name, value] of Object.entries(changed)) {
      if (value === '') answer.delete(name);
      else answer.set(name, value.replace('<issuer>', atlassian.issuer));
    }
    await expect(oauth.finish(answer, BOUND)).rejects.toMatchObject({ code });
    expect(atlassian.sentTo('/oauth/token')).toEqual([]);
  });

  it.each([
    ['another person', ['person-mallory', 'browser-of-alice']],
    ['another browser', ['person-alice', 'browser-of-mallory']],
    ['words that only look alike when joined', ['person-alicebrowser-of-alice', '']],
    ['nobody', []],
  ])('is refused for %s, and the attempt is over', async (_who, bound) => {
    const atlassian = await startAtlassian();
    const oauth = openOauth();
    const asked = await begin(oauth, atlassian);
    const answer = backWith(asked.get('state'), atlassian);
    await expect(oauth.finish(answer, bound)).rejects.toMatchObject({ code: 'attempt_unknown' });
    await expect(oauth.finish(answer, BOUND)).rejects.toMatchObject({ code: 'attempt_unknown' });
    expect(atlassian.sentTo('/oauth/token')).toEqual([]);
  });

  it('counts once: of 50 at the same time one is exchanged (T17)', async () => {
    const atlassian = await startAtlassian();
    const oauth = openOauth();
    const answer = backWith((await begin(oauth, atlassian)).get('state'), atlassian);
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => oauth.finish(answer, BOUND)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(atlassian.sentTo('/oauth/token')).toHaveLength(1);
  });

  it('comes too late after ten minutes', async () => {
    const clock = { now: 0 };
    const atlassian = await startAtlassian();
    const oauth = openOauth({ state: createMemoryState({ now: () => clock.now }) });
    const answer = backWith((await begin(oauth, atlassian)).get('state'), atlassian);
    clock.now = 600_000;
    await expect(oauth.finish(answer, BOUND)).rejects.toMatchObject({ code: 'attempt_unknown' });
  });

  it.each([
    ['refuses the code', { status: 400, body: { error: 'invalid_grant' } }, 'exchange_refused'],
    ['has trouble', { status: 503, body: { error: 'temporarily_unavailable' } }, 'unreachable'],
    ['gives nothing', { status: 200, body: {} }, 'answer_refused'],
    [
      'gives a token of another kind',
      { status: 200, body: { access_token: 'a', token_type: 'mac' } },
      'answer_refused',
    ],
    [
      'gives a token that would be two header lines',
      { status: 200, body: { access_token: 'a\r\nX-Evil: 1', token_type: 'Bearer' } },
      'exchange_refused',
    ],
    [
      'gives a token without end',
      { status: 200, body: { access_token: 'a'.repeat(20_000), token_type: 'Bearer' } },
      'exchange_refused',
    ],
  ])('leads to no grant where the server %s', async (_what, answered, code) => {
    const atlassian = await startAtlassian();
    atlassian.token = () => answered;
    const oauth = openOauth();
    const answer = backWith((await begin(oauth, atlassian)).get('state'), atlassian);
    const error: unknown = await oauth.finish(answer, BOUND).catch((each) => each);
    expect(error).toMatchObject({ name: 'LinkError', code });
    expect(error).not.toHaveProperty('cause');
    expect(String(error)).not.toContain('the-code');
  });
});
