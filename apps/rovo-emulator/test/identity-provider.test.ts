import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';

import { onTestFinished, describe, expect, it } from 'vitest';

import {
  createIdentityProvider,
  defaultPeople,
  type ForgedAnswer,
  type IdentityProvider,
  type IdentityProviderOptions,
} from '../src/index.ts';
import { basic, type Json, textAt } from './emulator-client.ts';
import { type Parameters, parametersOf } from './oauth-client.ts';

const CALLBACK = 'http://127.0.0.1:7998/callback';
const SECRET = 'a-secret-of-a-relying-party';
const VERIFIER = randomBytes(32).toString('base64url');
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

/** A relying party that checks nothing: what it got is what a test looks at. */
interface Party {
  readonly idp: IdentityProvider;
  readonly issuer: string;
  authorize(bend?: Parameters): Promise<Response>;
  token(code: string, bend?: Parameters): Promise<Json>;
  /** Signs in without a page. */
  signIn(bend?: Parameters): Promise<SignedIn>;
}

interface SignedIn {
  readonly callback: URLSearchParams;
  readonly tokens: Json;
  readonly header: Json;
  readonly claims: Json;
  /** Whether the signature fits the published key. */
  readonly isSigned: boolean;
  readonly userinfo: Json;
}

async function startParty(options: Partial<IdentityProviderOptions> = {}): Promise<Party> {
  const idp = createIdentityProvider({
    people: defaultPeople,
    clients: [{ clientId: 'party', clientSecret: SECRET, redirectUris: [CALLBACK] }],
    ...options,
    settings: { autoSignIn: 'alice', ...options.settings },
  });
  onTestFinished(() => idp.stop());
  const { issuer } = await idp.start();
  const party: Party = {
    idp,
    issuer,
    authorize: (bend = {}) =>
      fetch(
        `${issuer}/auth?${parametersOf({
          response_type: 'code',
          client_id: 'party',
          redirect_uri: CALLBACK,
          scope: 'openid email profile groups',
          state: 'some-state',
          nonce: 'some-nonce',
          code_challenge: CHALLENGE,
          code_challenge_method: 'S256',
          ...bend,
        }).toString()}`,
        { redirect: 'manual' },
      ),
    async token(code, { authorization, ...bend } = {}) {
      const body = parametersOf({
        grant_type: 'authorization_code',
        redirect_uri: CALLBACK,
        code_verifier: VERIFIER,
        code,
        ...(authorization === undefined ? { client_id: 'party', client_secret: SECRET } : {}),
        ...bend,
      });
      const headers = authorization === undefined ? {} : { authorization };
      return (await (await fetch(`${issuer}/token`, { method: 'POST', body, headers })).json()) as Json;
    },
    async signIn(bend) {
      const response = await party.authorize(bend);
      const callback = new URL(response.headers.get('location') ?? '').searchParams;
      const tokens = await party.token(callback.get('code') ?? '');
      const headers = { authorization: `Bearer ${textAt(tokens['access_token'])}` };
      const userinfo = (await (await fetch(`${issuer}/me`, { headers })).json()) as Json;
      return { callback, tokens, userinfo, ...(await readIdToken(textAt(tokens['id_token']), issuer)) };
    },
  };
  return party;
}

async function readIdToken(
  idToken: string,
  issuer: string,
): Promise<Pick<SignedIn, 'header' | 'claims' | 'isSigned'>> {
  const [header = '', claims = '', signature = ''] = idToken.split('.');
  const { keys } = (await (await fetch(`${issuer}/jwks`)).json()) as { keys: [Record<string, string>] };
  const key = createPublicKey({ key: keys[0], format: 'jwk' });
  const input = Buffer.from(`${header}.${claims}`);
  return {
    header: decoded(header),
    claims: decoded(claims),
    isSigned: verify(
      'sha256',
      input,
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    ),
  };
}

function decoded(part: string): Json {
  const text = Buffer.from(part, 'base64url').toString('utf8');
  return (text.startsWith('{') ? JSON.parse(text) : {}) as Json;
}

describe('sign-in', () => {
  it.each([
    ['an unknown client', { client_id: 'x' }, 'invalid_client'],
    ['a redirect URI of somebody else', { redirect_uri: 'http://127.0.0.1:1/x' }, 'invalid_redirect_uri'],
  ])('%s is answered with a page', async (_what, bend, error) => {
    const party = await startParty();

    const response = await party.authorize(bend);

    expect([response.status, response.headers.get('location')]).toEqual([400, null]);
    expect(await response.text()).toContain(error);
  });

  it.each([
    ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['a token instead of a code', { response_type: 'id_token' }, 'unsupported_response_type'],
  ])('%s is sent back', async (_what, bend, error) => {
    const party = await startParty();

    const { headers } = await party.authorize(bend);

    expect(headers.get('location')).toContain(`error=${error}`);
  });

  it('prompt=none with nobody to sign in is sent back', async () => {
    const party = await startParty({ settings: { autoSignIn: null } });

    const { headers } = await party.authorize({ prompt: 'none' });

    expect(headers.get('location')).toContain('error=login_required');
  });

  it.each([
    ['another verifier', { code_verifier: 'x'.repeat(43) }, 'invalid_grant'],
    ['another secret', { client_secret: 'x' }, 'invalid_client'],
    ['another secret as Basic', { authorization: basic('party', 'x') }, 'invalid_client'],
  ])('a code is refused with %s', async (_what, bend, error) => {
    const party = await startParty();
    const location = (await party.authorize()).headers.get('location') ?? '';

    expect((await party.token(new URL(location).searchParams.get('code') ?? '', bend))['error']).toBe(error);
  });

  it('a code is good once, with the secret in the form or as Basic', async () => {
    const party = await startParty();
    const code = async (): Promise<string> =>
      new URL((await party.authorize()).headers.get('location') ?? '').searchParams.get('code') ?? '';
    const [first, second] = [await code(), await code()];

    expect(await party.token(first)).toHaveProperty('id_token');
    expect(await party.token(second, { authorization: basic('party', SECRET) })).toHaveProperty('id_token');
    expect((await party.token(first))['error']).toBe('invalid_grant');
  });

  it('a person picks the own name; no cookie is left in the browser', async () => {
    const party = await startParty({ settings: { autoSignIn: null } });
    const asked = await party.authorize({ state: '"><script>' });
    const page = await asked.text();

    const picked = await party.authorize({ person: 'bob', prompt: 'login' });
    const code = new URL(picked.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const { claims } = await readIdToken(textAt((await party.token(code))['id_token']), party.issuer);

    expect(page).toContain('bob@demo.example');
    expect(page).not.toContain('<script>');
    expect(claims).toMatchObject({ sub: 'bob', email: 'bob@demo.example' });
    expect([asked.headers.get('set-cookie'), picked.headers.get('set-cookie')]).toEqual([null, null]);
  });

  it('login_hint signs its person in, autoSignIn comes before it', async () => {
    const party = await startParty({ settings: { autoSignIn: null } });

    const hinted = await party.signIn({ login_hint: 'bob@demo.example' });
    party.idp.control.updateSettings({ autoSignIn: 'carol@demo.example' });
    const auto = await party.signIn({ login_hint: 'bob@demo.example' });

    expect([hinted.claims['sub'], auto.claims['sub']]).toEqual(['bob', 'carol']);
  });

  it('clients and people can change while it runs', async () => {
    const party = await startParty();
    party.idp.control.putClient({ clientId: 'public', redirectUris: [CALLBACK] });
    party.idp.control.setPeople([{ sub: 'alice', name: 'Alice Another' }]);

    const { headers } = await party.authorize({ client_id: 'public' });
    const code = new URL(headers.get('location') ?? '').searchParams.get('code') ?? '';
    const tokens = await party.token(code, { client_id: 'public', client_secret: undefined });

    expect((await readIdToken(textAt(tokens['id_token']), party.issuer)).claims).toMatchObject({
      aud: 'public',
      name: 'Alice Another',
    });
  });
});

describe('sound answers', () => {
  it('discovery names the endpoints of the issuer', async () => {
    const { issuer } = await startParty();

    const document = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();

    expect(document).toMatchObject({
      issuer,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/me`,
      jwks_uri: `${issuer}/jwks`,
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
    });
  });

  it('the ID token and userinfo say who somebody is', async () => {
    const party = await startParty();

    const { callback, claims, isSigned, userinfo } = await party.signIn();

    expect(Object.fromEntries(callback)).toMatchObject({ state: 'some-state', iss: party.issuer });
    expect(claims).toMatchObject({
      iss: party.issuer,
      aud: 'party',
      sub: 'alice',
      nonce: 'some-nonce',
      email: 'alice@demo.example',
      email_verified: true,
      name: 'Alice Example',
      groups: ['everyone', 'eng'],
    });
    expect(isSigned).toBe(true);
    expect(userinfo).toMatchObject({ sub: 'alice', groups: ['everyone', 'eng'] });
  });

  it('times follow the given clock', async () => {
    const time = Date.UTC(2030, 0, 1);
    const party = await startParty({ now: () => time });

    const { claims } = await party.signIn();

    expect(Math.abs(Number(claims['iat']) - time / 1000)).toBeLessThan(5);
    expect(Number(claims['exp'])).toBeGreaterThan(Number(claims['iat']));
  });

  it.each([
    [{ groups: 'omitted' } as const, { groups: undefined, _claim_names: undefined }],
    [{ groups: 'overage' } as const, { groups: undefined, _claim_names: { groups: 'src1' } }],
    [{ emailVerified: 'false' } as const, { email_verified: false }],
    [{ emailVerified: 'omitted' } as const, { email: 'alice@demo.example', email_verified: undefined }],
    [{ hd: 'demo.example' }, { hd: 'demo.example' }],
  ])('the setting %j shows as %j', async (settings, expected) => {
    const party = await startParty({ settings });

    const { claims } = await party.signIn();

    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, claims[name]]))).toEqual(expected);
  });

  it('a person has claims of the own', async () => {
    const person = { sub: 'a', name: 'A', email: 'a@x.example', emailVerified: false };
    const party = await startParty({
      people: [{ ...person, claims: { tid: 'tenant', oid: 'object' } }],
      settings: { autoSignIn: 'a' },
    });

    const { claims } = await party.signIn();

    expect(claims).toMatchObject({ tid: 'tenant', oid: 'object', email_verified: false });
    expect(claims).not.toHaveProperty('groups');
  });
});

describe('forged answers', () => {
  const sound = { nonce: 'some-nonce', aud: 'party', sub: 'alice' };

  it.each<[ForgedAnswer, object]>([
    ['nonce', { ...sound, nonce: 'another-nonce' }],
    ['no-nonce', { ...sound, nonce: undefined }],
    ['issuer', { ...sound, iss: 'https://another-issuer.example' }],
    ['audience', { ...sound, aud: 'another-client' }],
    ['more-audiences', { ...sound, aud: ['party', 'another-client'] }],
    ['no-subject', { ...sound, sub: undefined }],
  ])('%s: the token is signed and says %j', async (forge, expected) => {
    const party = await startParty({ settings: { forge } });

    const { claims, isSigned } = await party.signIn();

    expect(isSigned).toBe(true);
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, claims[name]]))).toEqual(expected);
  });

  it.each<[ForgedAnswer, string]>([
    ['signature', 'ES256'],
    ['alg-none', 'none'],
    ['alg-hs256', 'HS256'],
  ])('%s: sound claims under a signature that does not hold (%s)', async (forge, alg) => {
    const party = await startParty({ settings: { forge } });

    const { header, claims, isSigned } = await party.signIn();

    expect([header['alg'], isSigned]).toEqual([alg, false]);
    expect(claims).toMatchObject({ ...sound, iss: party.issuer });
  });

  it('expired, not-yet-valid: times that are over, or to come', async () => {
    const party = await startParty({ settings: { forge: 'expired' } });
    const nowSeconds = Date.now() / 1000;

    const expired = await party.signIn();
    party.idp.control.updateSettings({ forge: 'not-yet-valid' });
    const early = await party.signIn();

    expect(Number(expired.claims['exp'])).toBeLessThan(nowSeconds);
    expect(Number(early.claims['nbf'])).toBeGreaterThan(nowSeconds);
  });

  it.each<[ForgedAnswer, object]>([
    ['callback-issuer', { state: 'some-state', iss: 'https://another-issuer.example' }],
    ['callback-state', { state: 'another-state' }],
  ])('%s: the callback says %j', async (forge, expected) => {
    const party = await startParty({ settings: { forge } });

    const { callback } = await party.signIn();

    expect(Object.fromEntries(callback)).toMatchObject(expected);
  });

  it('no-id-token, userinfo-subject', async () => {
    const party = await startParty({ settings: { forge: 'no-id-token' } });

    const without = await party.signIn();
    party.idp.control.updateSettings({ forge: 'userinfo-subject' });
    const another = await party.signIn();

    expect(without.tokens).not.toHaveProperty('id_token');
    expect([another.claims['sub'], another.userinfo['sub']]).toEqual(['alice', 'another']);
  });
});
