import { describe, expect, it } from 'vitest';

import type { EmulatorOptions } from '../src/index.ts';
import { ALPHA, basic, BETA, listOf, textAt } from './emulator-client.ts';
import { CALLBACK, type Connection, type OAuthClient, startOAuth } from './oauth-client.ts';

const INITIALIZE = { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} };
const HOUR_MS = 3_600_000;

/** An emulator whose clock the test moves. */
async function startWithClock(
  settings: EmulatorOptions['settings'] = {},
): Promise<{ oauth: OAuthClient; pass(ms: number): void }> {
  let time = Date.UTC(2026, 10, 1);
  const oauth = await startOAuth({ settings, now: () => time });
  return { oauth, pass: (ms) => void (time += ms) };
}

async function statusOf(oauth: OAuthClient, auth: string, path = '/v2/mcp'): Promise<number> {
  return (await oauth.post(INITIALIZE, { auth, path })).status;
}

/** The same, with somebody connected. */
async function startConnected(
  settings: EmulatorOptions['settings'] = {},
): Promise<Connection & { oauth: OAuthClient; pass(ms: number): void }> {
  const { oauth, pass } = await startWithClock(settings);
  return { oauth, pass, ...(await oauth.connect()) };
}

describe('codes', () => {
  it.each([
    ['another verifier', { code_verifier: 'x'.repeat(43) }, 'invalid_grant'],
    ['another redirect URI', { redirect_uri: `${CALLBACK}/x` }, 'invalid_grant'],
    ['another code', { code: 'x' }, 'invalid_grant'],
    ['the resource of another URL', { resource: '$origin/v1/mcp/authv2' }, 'invalid_target'],
    ['a resource with its query', { resource: '$origin/v2/mcp?tools=all' }, 'invalid_target'],
    ['another secret', { client_secret: 'x' }, 'invalid_client'],
    ['another client', { client_id: 'x' }, 'invalid_client'],
    ['another grant type', { grant_type: 'password' }, 'unsupported_grant_type'],
  ])('are refused with %s', async (_what, bend: Record<string, string>, error) => {
    const oauth = await startOAuth();
    const client = await oauth.client();
    const code = (await oauth.callback(client)).get('code') ?? '';
    const resource = bend['resource']?.replace('$origin', oauth.url) ?? `${oauth.url}/v2/mcp`;

    const refused = await oauth.redeem(client, code, { ...bend, resource });

    expect([refused.status, refused.json['error']]).toEqual([error === 'invalid_client' ? 401 : 400, error]);
    expect(refused.headers.get('cache-control')).toBe('no-store');
    expect((await oauth.redeem(client, code)).status).toBe(200);
  });

  it('of another registered client are refused', async () => {
    const oauth = await startOAuth();
    const code = (await oauth.callback(await oauth.client())).get('code') ?? '';

    expect((await oauth.redeem(await oauth.client(), code)).json['error']).toBe('invalid_grant');
  });

  it('end after a minute', async () => {
    const { oauth, pass } = await startWithClock();
    const client = await oauth.client();
    const code = (await oauth.callback(client)).get('code') ?? '';
    pass(60_000);

    expect((await oauth.redeem(client, code)).json['error']).toBe('invalid_grant');
  });

  it('are good once: a second use kills what the first one gave', async () => {
    const oauth = await startOAuth();
    const { client, code, auth, refreshToken } = await oauth.connect();

    expect((await oauth.redeem(client, code)).json['error']).toBe('invalid_grant');
    expect(await statusOf(oauth, auth)).toBe(401);
    expect((await oauth.refresh(client, refreshToken)).json['error']).toBe('invalid_grant');
  });

  it.each([
    ['right', 200, null],
    ['wrong', 401, 'Basic realm="OAuth"'],
  ])('with the %s secret in the Authorization header are answered %s', async (kind, status, challenge) => {
    const oauth = await startOAuth();
    const client = await oauth.client();
    const code = (await oauth.callback(client)).get('code') ?? '';

    const answer = await oauth.redeem({ ...client, secret: undefined }, code, {
      client_id: undefined,
      authorization: basic(client.id, kind === 'right' ? (client.secret ?? '') : 'x'),
    });

    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([status, challenge]);
  });
});

describe('access tokens', () => {
  it.each([
    [undefined, 3300],
    [28_800, 28_800],
  ])('with oauthAccessTokenSeconds %s live %s seconds', async (oauthAccessTokenSeconds, seconds) => {
    const { oauth, pass } = await startWithClock(
      oauthAccessTokenSeconds === undefined ? {} : { oauthAccessTokenSeconds },
    );
    const { auth, answer } = await oauth.connect();

    expect(answer).toMatchObject({ token_type: 'Bearer', expires_in: seconds });
    pass(seconds * 1000 - 1);
    expect(await statusOf(oauth, auth)).toBe(200);
    pass(1);
    const expired = await oauth.post(INITIALIZE, { auth });
    expect(expired.status).toBe(401);
    expect(expired.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(expired.headers.get('www-authenticate')).toContain('resource_metadata=');
  });

  it('are the person who signed in, at the one site', async () => {
    const oauth = await startOAuth();
    const { auth } = await oauth.connect();

    const me = await oauth.call('atlassianUserInfo', {}, { auth });
    const resources = await oauth.call('getAccessibleAtlassianResources', {}, { auth });
    const search = { jql: 'project = ENG' };
    const here = await oauth.call('searchJiraIssuesUsingJql', { ...search, cloudId: ALPHA }, { auth });
    const elsewhere = await oauth.call('searchJiraIssuesUsingJql', { ...search, cloudId: BETA }, { auth });

    expect(me.data?.['email']).toBe('alice@demo.example');
    expect(listOf(resources.data?.['resources']).map((site) => site['cloudId'])).toEqual([ALPHA]);
    expect(listOf(resources.data?.['resources'])[0]?.['scopes']).toEqual([
      'read:jira:agent-interface',
      'search:jira:agent-interface',
    ]);
    expect(here.isError).toBe(false);
    expect(elsewhere.text).toBe('The app is not installed on this instance');
  });

  it('filter the tools by their scopes', async () => {
    const oauth = await startOAuth();
    const { auth, answer } = await oauth.connect('current', { scope: 'read:me read:account' });

    const names = await oauth.toolNames({ auth, path: '/v2/mcp?tools=all' });

    expect(answer['scope']).toBe('read:me read:account');
    expect(names).toEqual(expect.arrayContaining(['atlassianUserInfo', 'discover']));
    expect(names.filter((name) => name.includes('Jira'))).toEqual([]);
  });

  it('carry every scope of the resource where none is asked for, Compass but no JSM', async () => {
    const oauth = await startOAuth();
    const path = '/v1/mcp/authv2';
    const { auth } = await oauth.connect('current', { scope: undefined, resource: oauth.url + path });

    const names = await oauth.toolNames({ auth, path });

    expect(names).toContain('getJiraIssue');
    expect(names).toContain('getCompassComponent');
    expect(names.filter((name) => name.includes('Jsm'))).toEqual([]);
  });

  it('of a v1 URL are refused at v2, those of v2 hold at v1', async () => {
    const oauth = await startOAuth();
    const v1 = await oauth.connect('current', { scope: undefined, resource: `${oauth.url}/v1/mcp/authv2` });
    const v2 = await oauth.connect();

    expect(await statusOf(oauth, v1.auth, '/v1/mcp/authv2')).toBe(200);
    expect(await statusOf(oauth, v1.auth)).toBe(401);
    expect(await statusOf(oauth, v2.auth, '/v1/mcp/authv2')).toBe(200);
  });

  it('lose the scopes that consent dropped, and with offline_access the refresh token', async () => {
    const oauth = await startOAuth({
      settings: { oauthDroppedScopes: ['offline_access', 'search:jira:agent-interface'] },
    });

    const { answer } = await oauth.connect();

    expect(answer['scope']).toBe('read:me read:account read:jira:agent-interface');
    expect(answer).not.toHaveProperty('refresh_token');
  });

  it('of the old server have every scope, no refresh token and no way to v2', async () => {
    const oauth = await startOAuth();

    const { auth, answer } = await oauth.connect('old', { scope: 'read:nothing' });

    expect(answer).not.toHaveProperty('refresh_token');
    expect(await oauth.toolNames({ auth, path: '/v1/mcp' })).toContain('getJiraIssue');
    expect(await statusOf(oauth, auth)).toBe(401);
  });
});

describe('refresh tokens', () => {
  it.each([
    ['an unknown one', { refresh_token: 'x' }, 'invalid_grant'],
    ['the resource of another URL', { resource: '$origin/v1/mcp' }, 'invalid_target'],
    ['no secret', { client_secret: undefined }, 'invalid_client'],
  ])(
    '%s is refused, and the sound one stays good',
    async (_what, bend: Record<string, string | undefined>, error) => {
      const { oauth, client, refreshToken } = await startConnected();
      const resource = bend['resource']?.replace('$origin', oauth.url);

      const refused = await oauth.refresh(client, refreshToken, { ...bend, resource });

      expect(refused.json['error']).toBe(error);
      expect((await oauth.refresh(client, refreshToken)).status).toBe(200);
    },
  );

  it('of another client is refused', async () => {
    const { oauth, refreshToken } = await startConnected();

    expect((await oauth.refresh(await oauth.client(), refreshToken)).json['error']).toBe('invalid_grant');
  });

  it('rotate: each answer brings the next one', async () => {
    const { oauth, client, refreshToken } = await startConnected();

    const second = await oauth.refresh(client, refreshToken);
    const third = await oauth.refresh(client, textAt(second.json['refresh_token']));

    const tokens = [refreshToken, second.json['refresh_token'], third.json['refresh_token']];
    expect(new Set(tokens).size).toBe(3);
    expect(await statusOf(oauth, `Bearer ${textAt(third.json['access_token'])}`)).toBe(200);
  });

  it('kill the grant when used twice', async () => {
    const { oauth, client, refreshToken } = await startConnected();
    const { json } = await oauth.refresh(client, refreshToken);

    const again = await oauth.refresh(client, refreshToken);

    expect([again.status, again.json['error']]).toEqual([400, 'invalid_grant']);
    expect(await statusOf(oauth, `Bearer ${textAt(json['access_token'])}`)).toBe(401);
    expect((await oauth.refresh(client, textAt(json['refresh_token']))).json['error']).toBe('invalid_grant');
    expect(oauth.emulator.control.oauth.grants()).toEqual([]);
  });

  it('of 20 uses at once have one winner, whose pair is dead as well', async () => {
    const { oauth, client, refreshToken } = await startConnected();

    const answers = await Promise.all(Array.from({ length: 20 }, () => oauth.refresh(client, refreshToken)));

    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    expect(await statusOf(oauth, `Bearer ${textAt(won[0]?.json['access_token'])}`)).toBe(401);
  });

  it('answer with live pairs within the grace, and kill the grant after it', async () => {
    const { oauth, client, refreshToken, pass } = await startConnected({ oauthRefreshGraceSeconds: 120 });
    await oauth.refresh(client, refreshToken);
    pass(119_999);

    const inTime = await oauth.refresh(client, refreshToken);
    expect(await statusOf(oauth, `Bearer ${textAt(inTime.json['access_token'])}`)).toBe(200);

    pass(1);
    expect((await oauth.refresh(client, refreshToken)).json['error']).toBe('invalid_grant');
    expect(await statusOf(oauth, `Bearer ${textAt(inTime.json['access_token'])}`)).toBe(401);
  });

  it('end after 90 days without use', async () => {
    const { oauth, client, refreshToken, pass } = await startConnected();
    pass(89 * 24 * HOUR_MS);
    const { json } = await oauth.refresh(client, refreshToken);
    pass(90 * 24 * HOUR_MS);

    expect((await oauth.refresh(client, textAt(json['refresh_token']))).json['error']).toBe('invalid_grant');
  });
});
