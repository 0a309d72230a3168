import { describe, expect, it } from 'vitest';

import { ALPHA, BETA, textAt } from './emulator-client.ts';
import { callbackOf, type OAuthClient, startOAuth } from './oauth-client.ts';

const BOB = '712020:bob';
const ALICE = '712020:alice';

/** Somebody who fills in the pages. */
interface Visitor {
  readonly page: string;
  submit(path: string, form: Record<string, string>): Promise<Response>;
}

async function visit(oauth: OAuthClient, bend: Record<string, string> = {}): Promise<Visitor> {
  const page = await (await oauth.authorize(await oauth.client(), bend)).text();
  const [, transaction = ''] = /name="transaction" value="([^"]+)"/.exec(page) ?? [];
  return {
    page,
    submit: (path, form) =>
      fetch(`${oauth.url}/authorize/${path}`, {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ transaction, ...form }),
      }),
  };
}

const ASKING = { settings: { oauthAutoApprove: null } };

describe('sign-in and consent', () => {
  it.each([
    ['account', { transaction: 'x', account: ALICE }],
    ['account', { account: 'nobody' }],
    ['decision', { transaction: 'x', decision: 'accept', site: ALPHA }],
    ['decision', { decision: 'accept', site: ALPHA }],
  ])('the form %s refuses %j', async (path, form) => {
    const oauth = await startOAuth(ASKING);
    const visitor = await visit(oauth);

    const response = await visitor.submit(path, form);

    expect(response.status).toBe(400);
    expect(await response.text()).toContain('out of date');
  });

  it('a page is out of date after ten minutes', async () => {
    let time = 0;
    const oauth = await startOAuth({ ...ASKING, now: () => time });
    const visitor = await visit(oauth);
    time += 600_000;

    expect((await visitor.submit('account', { account: ALICE })).status).toBe(400);
  });

  it('a consent is good once', async () => {
    const oauth = await startOAuth(ASKING);
    const visitor = await visit(oauth, { login_hint: 'alice@demo.example' });

    expect((await visitor.submit('decision', { decision: 'accept', site: BETA })).status).toBe(302);
    expect((await visitor.submit('decision', { decision: 'accept', site: BETA })).status).toBe(400);
  });

  it('a cancelled consent goes back as access_denied', async () => {
    const oauth = await startOAuth(ASKING);
    const visitor = await visit(oauth, { login_hint: 'alice@demo.example' });

    const callback = callbackOf(await visitor.submit('decision', { decision: 'cancel', site: ALPHA }));

    expect(Object.fromEntries(callback)).toMatchObject({ error: 'access_denied', state: 'some-state' });
  });

  it('somebody signs in, picks a site of the own, and the grant is bound to it', async () => {
    const oauth = await startOAuth(ASKING);
    const client = await oauth.client();
    const first = await (await oauth.authorize(client)).text();
    const [, transaction = ''] = /name="transaction" value="([^"]+)"/.exec(first) ?? [];
    const submit = (path: string, form: Record<string, string>): Promise<Response> =>
      fetch(`${oauth.url}/authorize/${path}`, {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ transaction, ...form }),
      });

    const second = await (await submit('account', { account: BOB })).text();
    const code = callbackOf(await submit('decision', { decision: 'accept', site: BETA })).get('code') ?? '';
    const { json } = await oauth.redeem(client, code);
    const me = await oauth.call('atlassianUserInfo', {}, { auth: `Bearer ${textAt(json['access_token'])}` });

    expect(first).toContain('alice@demo.example');
    expect([second.includes(BETA), second.includes(ALPHA)]).toEqual([true, false]);
    expect(me.data?.['email']).toBe('bob@demo.example');
    expect(oauth.emulator.control.oauth.grants()).toMatchObject([{ accountId: BOB, cloudId: BETA }]);
  });

  it('a site that the account does not reach cannot be picked', async () => {
    const oauth = await startOAuth(ASKING);
    const visitor = await visit(oauth, { login_hint: 'bob@demo.example' });

    const response = await visitor.submit('decision', { decision: 'accept', site: ALPHA });

    expect([response.status, response.headers.get('location')]).toEqual([403, null]);
  });

  it('oauthSilentSite binds the grant to that site and shows no picker', async () => {
    const oauth = await startOAuth({ settings: { oauthAutoApprove: null, oauthSilentSite: BETA } });
    const visitor = await visit(oauth, { login_hint: 'alice@demo.example' });

    await visitor.submit('decision', { decision: 'accept', site: ALPHA });
    oauth.emulator.control.updateSettings({ oauthAutoApprove: { cloudId: ALPHA } });
    const { auth } = await oauth.connect();

    expect(visitor.page).not.toContain('name="site"');
    expect(oauth.emulator.control.oauth.grants()).toMatchObject([{ cloudId: BETA }]);
    const called = await oauth.call('getAccessibleAtlassianResources', {}, { auth });
    expect([called.text.includes(BETA), called.text.includes(ALPHA)]).toEqual([true, false]);
  });

  it.each([
    ['what it names', { account: ALICE, cloudId: BETA }, ALICE, BETA],
    ["the login_hint's first site", {}, BOB, BETA],
    ['the first account by default', {}, ALICE, ALPHA],
  ])('oauthAutoApprove picks %s', async (_what, oauthAutoApprove, accountId, cloudId) => {
    const oauth = await startOAuth({ settings: { oauthAutoApprove } });

    await oauth.connect('current', accountId === BOB ? { login_hint: 'bob@demo.example' } : {});

    expect(oauth.emulator.control.oauth.grants()).toMatchObject([{ accountId, cloudId }]);
  });

  it('pages escape what clients say and load nothing', async () => {
    const oauth = await startOAuth(ASKING);
    const { json } = await oauth.register({
      client_name: '<script>alert(1)</script>"',
      redirect_uris: ['http://127.0.0.1:7999/connect/callback'],
    });

    const client = { server: 'current', id: textAt(json['client_id']), secret: undefined } as const;
    const response = await oauth.authorize(client);

    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await response.text()).not.toContain('<script>');
  });
});
