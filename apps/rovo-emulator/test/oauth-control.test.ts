import { describe, expect, it } from 'vitest';

import type { EmulatorSettings } from '../src/index.ts';
import { ALPHA, textAt } from './emulator-client.ts';
import { type OAuthClient, parametersOf, startOAuth } from './oauth-client.ts';

async function isAlive(oauth: OAuthClient, auth: string): Promise<boolean> {
  const initialize = { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} };
  return (await oauth.post(initialize, { auth })).status === 200;
}

async function revoke(oauth: OAuthClient, form: Record<string, string | undefined>): Promise<number> {
  const response = await fetch(`${oauth.url}/oauth/revoke`, { method: 'POST', body: parametersOf(form) });
  return response.status;
}

/** An emulator whose token endpoint fails with a sound refresh token at hand. */
async function failing(oauthTokenFailure: EmulatorSettings['oauthTokenFailure']): Promise<{
  oauth: OAuthClient;
  attempt: () => Promise<number>;
  recover: () => Promise<number>;
}> {
  const oauth = await startOAuth();
  const { client, refreshToken } = await oauth.connect();
  const attempt = async (): Promise<number> => (await oauth.refresh(client, refreshToken)).status;
  oauth.emulator.control.updateSettings({ oauthTokenFailure });
  return {
    oauth,
    attempt,
    recover() {
      oauth.emulator.control.updateSettings({ oauthTokenFailure: 'none' });
      return attempt();
    },
  };
}

describe('revocation', () => {
  it.each([
    ['an unknown token', 'x', 200],
    ['the token of another client', 'refresh', 200],
  ])('%s changes nothing', async (_what, token, status) => {
    const oauth = await startOAuth();
    const { auth, refreshToken } = await oauth.connect();
    const { id, secret } = await oauth.client();
    const form = { client_id: id, client_secret: secret, token: token === 'x' ? token : refreshToken };

    expect(await revoke(oauth, form)).toBe(status);
    expect(await isAlive(oauth, auth)).toBe(true);
  });

  it('is refused to a client without its secret', async () => {
    const oauth = await startOAuth();
    const { client, auth, refreshToken } = await oauth.connect();

    expect(await revoke(oauth, { client_id: client.id, token: refreshToken })).toBe(401);
    expect(await isAlive(oauth, auth)).toBe(true);
  });

  it.each([
    ['a refresh token ends the grant', 'refresh', false],
    ['an access token ends alone', 'access', true],
  ])('of %s', async (_what, kind, mayRefresh) => {
    const oauth = await startOAuth();
    const { client, auth, refreshToken } = await oauth.connect();
    const token = kind === 'refresh' ? refreshToken : auth.slice('Bearer '.length);

    await revoke(oauth, { client_id: client.id, client_secret: client.secret, token });

    expect(await isAlive(oauth, auth)).toBe(false);
    expect((await oauth.refresh(client, refreshToken)).status === 200).toBe(mayRefresh);
  });
});

describe('control of the OAuth side', () => {
  it('expires all access tokens now and leaves the refresh tokens', async () => {
    const oauth = await startOAuth();
    const { client, auth, refreshToken } = await oauth.connect();

    expect(oauth.emulator.control.oauth.expireAccessTokens()).toBe(1);

    expect(await isAlive(oauth, auth)).toBe(false);
    const { json } = await oauth.refresh(client, refreshToken);
    expect(await isAlive(oauth, `Bearer ${textAt(json['access_token'])}`)).toBe(true);
  });

  it.each([
    ['E4', 'Authentication failed'],
    ['E6', 'accessibleResources.filter is not a function'],
  ] as const)('shows an expired token as %s at HTTP 200 by setting', async (expiredOauth, text) => {
    const oauth = await startOAuth({ settings: { expiredOauth } });
    const { auth } = await oauth.connect();
    oauth.emulator.control.oauth.expireAccessTokens();

    expect((await oauth.call('atlassianUserInfo', {}, { auth })).text).toContain(text);
  });

  it('lists grants without secrets and kills one', async () => {
    const oauth = await startOAuth();
    const { client, auth, refreshToken, code } = await oauth.connect();
    const other = await oauth.connect();
    const { oauth: control } = oauth.emulator.control;
    const [grant] = control.grants();

    expect(grant).toMatchObject({
      server: 'current',
      clientId: client.id,
      accountId: '712020:alice',
      cloudId: ALPHA,
      resource: `${oauth.url}/v2/mcp`,
      generation: 'v2',
      refreshes: 0,
    });
    const shown = JSON.stringify(control.grants());
    for (const secret of [auth.slice(7), refreshToken, code, client.secret ?? '']) {
      expect(shown).not.toContain(secret);
    }

    expect([control.revokeGrant(grant?.id ?? ''), control.revokeGrant('x')]).toEqual([true, false]);
    expect([await isAlive(oauth, auth), await isAlive(oauth, other.auth)]).toEqual([false, true]);
  });

  it('counts what the endpoints were asked, refused requests as well', async () => {
    const oauth = await startOAuth();
    const { client, refreshToken } = await oauth.connect();
    await oauth.refresh(client, refreshToken);
    await oauth.refresh(client, refreshToken);
    await oauth.redeem(client, 'x');
    const { oauth: control } = oauth.emulator.control;

    expect(control.counts()).toEqual({
      registrations: 1,
      authorizations: 1,
      codeRequests: 2,
      refreshRequests: 2,
      revocations: 0,
    });
    control.clearCounts();
    expect(control.counts().refreshRequests).toBe(0);
  });

  it('works over HTTP', async () => {
    const oauth = await startOAuth();
    const { auth } = await oauth.connect();
    const control = async (method: string, path: string): Promise<unknown> =>
      (await fetch(`${oauth.url}/control/${path}`, { method })).json();

    const shown = (await control('GET', 'oauth')) as { grants: { id: string }[]; counts: unknown };

    expect(shown.counts).toMatchObject({ codeRequests: 1 });
    expect(await control('POST', 'oauth/tokens/expire')).toEqual({ expired: 1 });
    expect(await control('DELETE', `oauth/grants/${shown.grants[0]?.id ?? ''}`)).toEqual({});
    expect(await control('DELETE', 'oauth/grants/x')).toEqual({ error: 'no grant "x"' });
    expect(await isAlive(oauth, auth)).toBe(false);
  });

  it.each([
    [{ oauthAutoApprove: { person: 'x' } }, 'oauthAutoApprove'],
    [{ oauthAutoApprove: 'alice' }, 'oauthAutoApprove'],
    [{ oauthSilentSite: 7 }, 'oauthSilentSite'],
    [{ oauthDroppedScopes: 'x' }, 'oauthDroppedScopes'],
    [{ oauthMetadataPlace: 'nowhere' }, 'oauthMetadataPlace'],
    [{ oauthCallbackIssuer: true }, 'oauthCallbackIssuer'],
    [{ oauthAccessTokenSeconds: -1 }, 'oauthAccessTokenSeconds'],
    [{ oauthTokenFailure: 'always' }, 'oauthTokenFailure'],
  ])('refuses the setting %j', async (setting, name) => {
    const oauth = await startOAuth();

    const response = await fetch(`${oauth.url}/control/settings`, {
      method: 'PATCH',
      body: JSON.stringify(setting),
    });

    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining(name)]);
  });
});

describe('a token endpoint in trouble', () => {
  it.each([
    ['unavailable', 503],
    ['rate-limited', 429],
  ] as const)('%s answers %s and takes no token', async (failure, status) => {
    const { attempt, recover } = await failing(failure);

    expect(await attempt()).toBe(status);
    expect(await recover()).toBe(200);
  });

  it('reset cuts the connection and takes no token', async () => {
    const { attempt, recover } = await failing('reset');

    await expect(attempt()).rejects.toThrow('fetch failed');
    expect(await recover()).toBe(200);
  });

  it('answer-lost takes the token and cuts the connection: the next use kills the grant', async () => {
    const { oauth, attempt, recover } = await failing('answer-lost');

    await expect(attempt()).rejects.toThrow('fetch failed');
    expect(oauth.emulator.control.oauth.grants()[0]?.refreshes).toBe(1);
    expect(await recover()).toBe(400);
  });

  it('hang answers nothing until the emulator closes', async () => {
    const { oauth, attempt } = await failing('hang');

    const hanging = attempt().then(
      () => 'answered',
      () => 'cut',
    );
    await oauth.emulator.close();

    expect(await hanging).toBe('cut');
  });

  it('oauthTokenDelayMs lets requests overlap', async () => {
    const oauth = await startOAuth();
    const { client, refreshToken } = await oauth.connect();
    oauth.emulator.control.updateSettings({ oauthTokenDelayMs: 50, oauthRefreshGraceSeconds: 60 });

    const refreshing = oauth.refresh(client, refreshToken);
    await oauth.metadata();

    expect(oauth.emulator.control.oauth.grants()[0]?.refreshes).toBe(0);
    expect((await refreshing).status).toBe(200);
  });
});
