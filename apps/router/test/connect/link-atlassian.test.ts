import { expect, it, describe } from 'vitest';

import { type ConnectApp, ENG, OPS, startConnect } from './connect-app.ts';

const ALICE_TOKEN = { email: 'alice@demo.example', token: 'demo-alice-token' };

async function kindsOf({ vault }: ConnectApp, who = 'alice'): Promise<string[]> {
  return (await vault.linksOf(who)).map(({ cloudId, kind, status }) => `${cloudId} ${kind} ${status}`);
}

describe('linking by the Atlassian sign-in', () => {
  it('asks by a link, not a redirect, and says which site to choose', async () => {
    const app = await startConnect();
    const page = await app.post('/connect/eng/oauth', {});
    expect(page.status).toBe(200);
    expect(page.text).toContain('Choose alpha-eng.atlassian.net');
    expect(page.html).toMatch(/href="http:\/\/127\.0\.0\.1:\d+\/authorize\?/);
  });

  it('links what was consented to, and calls tools with it', async () => {
    const app = await startConnect();
    const done = await app.get(await app.consent());
    expect([done.status, done.location]).toEqual([303, '/connect?done=linked&site=eng']);
    expect(await kindsOf(app)).toEqual([`${ENG} oauth ok`]);
    const list = await app.get(done.location ?? '');
    expect(list.text).toContain('eng is linked.');
    expect(list.text).toContain('as Alice Example');
    expect(app.refusals).toEqual([]);
  });

  it('says so when another site was chosen, stores nothing and gives the grant back', async () => {
    const app = await startConnect({
      emulator: { settings: { oauthAutoApprove: { account: 'alice@demo.example', cloudId: OPS } } },
    });
    const page = await app.get(await app.consent());
    expect(page.status).toBe(422);
    expect(page.text).toContain('You opened clients, not eng. Nothing was linked.');
    expect(page.text).toContain('choose alpha-eng.atlassian.net');
    expect(await kindsOf(app)).toEqual([]);
    expect(app.refusals).toMatchObject([
      { personId: 'alice', cloudId: ENG, kind: 'oauth', problem: 'wrong_site' },
    ]);
    await expect.poll(() => app.emulator.control.oauth.grants()).toEqual([]);
  });

  it('says so when Atlassian chose the site silently', async () => {
    const app = await startConnect({ emulator: { settings: { oauthSilentSite: OPS } } });
    expect((await app.get(await app.consent())).text).toContain('That was another site');
    expect(await kindsOf(app)).toEqual([]);
  });

  it('refuses the account of somebody else, unless the admin allows it', async () => {
    const strict = await startConnect();
    const page = await strict.get(await strict.consent('eng', 'bob'), 'bob');
    expect(page.status).toBe(403);
    expect(page.text).toContain('another e-mail address than yours, bob@demo.example');
    expect(await kindsOf(strict, 'bob')).toEqual([]);

    const open = await startConnect({ allowOtherAccounts: true });
    expect((await open.get(await open.consent('eng', 'bob'), 'bob')).status).toBe(303);
    expect(await kindsOf(open, 'bob')).toEqual([`${ENG} oauth ok`]);
  });

  it.each([
    ['nobody is signed in', 'nobody', {}, 403],
    ['somebody else is signed in', 'bob', {}, 400],
    ['it comes to another browser', 'alice', { 'x-browser': 'another' }, 400],
  ])('uses no answer when %s', async (_when, who, headers, status) => {
    const app = await startConnect();
    const back = await app.consent();
    expect((await app.get(back, who, headers)).status).toBe(status);
    expect(await kindsOf(app, who)).toEqual([]);
    expect(app.emulator.control.oauth.counts().codeRequests).toBe(0);
  });

  it('uses an answer once', async () => {
    const app = await startConnect();
    const back = await app.consent();
    await app.get(back);
    const again = await app.get(back);
    expect([again.status, again.text]).toEqual([400, expect.stringContaining('Begin again')]);
    expect(app.emulator.control.oauth.counts().codeRequests).toBe(1);
  });

  it('tells when fewer permissions were granted', async () => {
    const app = await startConnect({
      emulator: { settings: { oauthDroppedScopes: ['write:jira:agent-interface'] } },
    });
    const done = await app.get(await app.consent());
    expect((await app.get(done.location ?? '')).text).toContain('granted less than was asked for');
    expect(await kindsOf(app)).toEqual([`${ENG} oauth ok`]);
  });

  it.each([
    ['does not answer', { oauthTokenFailure: 'unavailable' } as const, 502, 'Atlassian did not answer'],
    ['names another issuer', { oauthCallbackIssuer: 'wrong' } as const, 502, 'did not come from the server'],
  ])('explains a server that %s', async (_what, settings, status, words) => {
    const app = await startConnect({ emulator: { settings } });
    const page = await app.get(await app.consent());
    expect([page.status, page.text]).toEqual([status, expect.stringContaining(words)]);
    expect(await kindsOf(app)).toEqual([]);
  });

  it('explains a server that takes no new clients, before anybody is sent there', async () => {
    const app = await startConnect({ emulator: { settings: { oauthRegistration: false } } });
    const page = await app.post('/connect/eng/oauth', {});
    expect([page.status, page.text]).toEqual([502, expect.stringContaining('takes no new applications')]);
  });

  it('renews with rotating refresh tokens: many calls at the end of a token, one request', async () => {
    const clock = { now: Date.now() };
    const now = (): number => clock.now;
    const app = await startConnect({ now, emulator: { now } });
    await app.get(await app.consent());
    const [link] = await app.vault.linksOf('alice');
    for (let round = 1; round <= 3; round += 1) {
      clock.now += 3_300_000;
      await Promise.all(Array.from({ length: 200 }, () => Promise.resolve(link?.fresh())));
      expect([link?.status, app.emulator.control.oauth.counts().refreshRequests]).toEqual(['ok', round]);
    }
  });

  it('needs reconnecting after the grant was ended at Atlassian, and can be linked again', async () => {
    const clock = { now: Date.now() };
    const now = (): number => clock.now;
    const app = await startConnect({ now, emulator: { now } });
    await app.get(await app.consent());
    for (const { id } of app.emulator.control.oauth.grants()) app.emulator.control.oauth.revokeGrant(id);
    clock.now += 3_300_000;
    await (await app.vault.linksOf('alice'))[0]?.fresh();
    expect((await app.get('/connect')).text).toContain('Needs reconnecting');
    await app.get(await app.consent());
    expect(await kindsOf(app)).toEqual([`${ENG} oauth ok`]);
  });
});

describe('linking by an API token', () => {
  it('links after a real call, beside the sign-in, and shows the day', async () => {
    const app = await startConnect();
    await app.get(await app.consent());
    const done = await app.post('/connect/eng/token', { ...ALICE_TOKEN, expires: '2099-12-31' });
    expect(done.location).toBe('/connect?done=linked&site=eng');
    expect(await kindsOf(app)).toEqual([`${ENG} oauth ok`, `${ENG} token ok`]);
    expect((await app.get('/connect')).text).toMatch(
      /API token as Alice Example.*expires on.*2099|31 December 2099/,
    );
  });

  it.each([
    ['a wrong token', { email: 'alice@demo.example', token: 'wrong' }, 'under_scoped|bad_credential'],
    ['the token of somebody else', { email: 'bob@demo.example', token: 'demo-bob-token' }, 'other_account'],
    ['a token that is none', { email: 'alice@demo.example', token: 'two words' }, 'malformed'],
    ['nothing', { email: '', token: '' }, 'malformed'],
    ['a day that is over', { ...ALICE_TOKEN, expires: '2001-01-01' }, 'expired'],
  ])('explains %s on the form, keeps the address and never the token', async (_what, fields, problem) => {
    const app = await startConnect();
    const page = await app.post('/connect/eng/token', fields);
    expect(page.status).toBeGreaterThanOrEqual(400);
    expect(app.refusals[0]?.problem).toMatch(new RegExp(`^(${problem})$`));
    expect(page.html).toContain('role="alert"');
    if (fields.email !== '') expect(page.html).toContain(`value="${fields.email}"`);
    if (fields.token !== '') expect(page.html).not.toContain(fields.token);
    expect(await kindsOf(app)).toEqual([]);
  });

  it('names the three causes of a token that opens nothing', async () => {
    const app = await startConnect({ allowOtherAccounts: true });
    const page = await app.post('/connect/eng/token', {
      email: 'carol@demo.example',
      token: 'demo-carol-classic-token',
    });
    expect(page.text).toContain('a classic API token without scopes');
    expect(page.text).toContain('lacks the Rovo MCP scopes');
    expect(page.text).toContain('sent as Bearer instead of Basic');
  });

  it('explains a site that the account does not reach', async () => {
    const app = await startConnect();
    const page = await app.post(
      '/connect/eng/token',
      { email: 'bob@demo.example', token: 'demo-bob-token' },
      { who: 'bob' },
    );
    expect([page.status, page.text]).toEqual([422, expect.stringContaining('You opened clients, not eng')]);
  });

  it('tries nothing more after ten attempts in ten minutes (T21)', async () => {
    const app = await startConnect();
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 12; attempt += 1)
      statuses.push((await app.post('/connect/eng/token', { ...ALICE_TOKEN, expires: '2001-01-01' })).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 422), 429, 429]);
    expect((await app.post('/connect/eng/token', ALICE_TOKEN, { who: 'bob' })).status).toBe(403);
  });
});

describe('unlinking', () => {
  it('takes away one kind and gives the grant back', async () => {
    const app = await startConnect();
    await app.get(await app.consent());
    await app.post('/connect/eng/token', ALICE_TOKEN);
    const done = await app.post('/connect/eng/unlink', { kind: 'oauth' });
    expect(done.location).toBe('/connect?done=unlinked&site=eng');
    expect(await kindsOf(app)).toEqual([`${ENG} token ok`]);
    await expect.poll(() => app.emulator.control.oauth.grants()).toEqual([]);
  });

  it("does not touch somebody else's link", async () => {
    const app = await startConnect();
    await app.post('/connect/eng/token', ALICE_TOKEN);
    await app.post('/connect/eng/unlink', { kind: 'token' }, { who: 'bob' });
    expect(await kindsOf(app)).toEqual([`${ENG} token ok`]);
  });
});
