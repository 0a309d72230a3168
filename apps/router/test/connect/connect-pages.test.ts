import { describe, expect, it } from 'vitest';

import { missingLink } from '../../src/gateway/missing-link.ts';
import { ENG, startConnect } from './connect-app.ts';

const FORMS = ['/connect/eng/oauth', '/connect/eng/token', '/connect/eng/unlink'];
const TOKEN = { email: 'alice@demo.example', token: 'demo-alice-token', kind: 'token' };

describe('a form', () => {
  const STRANGE: readonly (readonly [string, Record<string, string>, Record<string, string>])[] = [
    ['without a token', { csrf: '' }, {}],
    ["with somebody else's token", { csrf: 'csrf of bob' }, {}],
    ['with a token that is one letter longer', { csrf: 'csrf of alice!' }, {}],
    ['from another origin', {}, { origin: 'https://evil.example' }],
    ['from an origin that begins alike', {}, { origin: 'http://127.0.0.1.evil.example' }],
    ['from no origin', {}, { origin: 'null' }],
    ['of nobody who is signed in', {}, { 'x-signed-in': 'nobody' }],
  ];

  it.each(STRANGE)('%s changes nothing', async (_what, fields, headers) => {
    const app = await startConnect();
    await app.post('/connect/eng/token', TOKEN);
    for (const path of FORMS) {
      const page = await app.post(path, { ...TOKEN, ...fields }, { headers });
      expect([path, page.status]).toEqual([path, 403]);
    }
    expect((await app.vault.linksOf('alice')).map(({ kind }) => kind)).toEqual(['token']);
    expect(app.emulator.control.oauth.counts()).toMatchObject({ registrations: 0, authorizations: 0 });
  });

  it('whose token comes twice is of nobody', async () => {
    const app = await startConnect();
    const answer = await fetch(`${app.origin}/connect/eng/token`, {
      method: 'POST',
      headers: {
        origin: app.origin,
        'x-signed-in': 'alice',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: 'csrf=csrf+of+alice&csrf=csrf+of+alice&email=alice%40demo.example&token=demo-alice-token',
    });
    expect(answer.status).toBe(403);
  });

  it.each([
    ['is too long', `token=${'x'.repeat(20_000)}`, 413],
    ['has too many fields', 'a=1&'.repeat(50), 413],
    ['cannot be decoded', 'csrf=%E0%A4%A', 403],
    ['is empty', '', 403],
  ])('that %s is refused with a page', async (_what, body, status) => {
    const app = await startConnect();
    const answer = await fetch(`${app.origin}/connect/eng/token`, {
      method: 'POST',
      headers: {
        origin: app.origin,
        'x-signed-in': 'alice',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body,
    });
    expect(answer.status).toBe(status);
    expect(await answer.text()).toContain('<h1>');
  });
});

describe('a page', () => {
  it.each(['/connect', '/connect/eng', '/connect/unknown', '/connect?done=linked&site=eng'])(
    'cannot be framed, stored or scripted: %s',
    async (path) => {
      const { headers, html } = await (await startConnect()).get(path);
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
      expect(headers.get('cache-control')).toBe('no-store');
      expect(html).not.toContain('<script');
    },
  );

  it('sends a stranger to sign in', async () => {
    const app = await startConnect();
    for (const path of ['/connect', '/connect/eng']) {
      const { status, location } = await app.get(path, 'nobody');
      expect([status, location]).toEqual([303, '/sign-in']);
    }
  });

  it.each(['labs', 'gamma-labs.atlassian.net', '33333333-cccc-4ccc-8ccc-000000000003'])(
    'of a site that is not open to the person is the page of a site that does not exist (T26): %s',
    async (value) => {
      const app = await startConnect();
      const [hidden, absent] = [await app.get(`/connect/${value}`), await app.get('/connect/nothing')];
      expect([hidden.status, hidden.html]).toEqual([404, absent.html]);
    },
  );

  it.each(['eng', 'ENG', ENG, 'alpha-eng.atlassian.net'])('of a site is found as %s', async (value) => {
    const page = await (await startConnect()).get(`/connect/${value}`);
    expect([page.status, page.text]).toEqual([200, expect.stringContaining('Link eng')]);
  });

  it('of a site is not taken for one of Switchyard’s own pages: such an alias gives way to the cloudId', async () => {
    const app = await startConnect();
    const { html } = await app.get('/connect');
    expect(html).toContain('/connect/22222222-bbbb-4bbb-8bbb-000000000002');
    expect(html).not.toContain('href="/connect/clients/');
  });

  it('offers the ways that are open, and says why both are worth having', async () => {
    const both = await (await startConnect()).get('/connect/eng');
    expect(both.text).toContain('Jira Service Management opens with an API token only');
    const oauth = await (await startConnect({ methods: { oauth: true, token: false } })).get('/connect/eng');
    expect(oauth.html).not.toContain('/connect/eng/token');
    const token = await (await startConnect({ methods: { oauth: false, token: true } })).get('/connect/eng');
    expect(token.html).not.toContain('/connect/eng/oauth');
    const none = await (await startConnect({ methods: { oauth: false, token: false } })).get('/connect/eng');
    expect(none.text).toContain('turned linking off');
  });

  it.each([
    [{ oauth: false, token: true }, '/connect/eng/oauth'],
    [{ oauth: true, token: false }, '/connect/eng/token'],
  ])('links in no way that is turned off: %j', async (methods, path) => {
    const app = await startConnect({ methods });
    expect((await app.post(path, TOKEN)).status).toBe(200);
    expect(await app.vault.linksOf('alice')).toEqual([]);
    expect(app.emulator.control.oauth.counts().registrations).toBe(0);
  });

  it('links nothing on a shared site', async () => {
    const app = await startConnect();
    for (const path of ['/connect/all/oauth', '/connect/all/token']) await app.post(path, TOKEN);
    expect(await app.vault.linksOf('alice')).toEqual([]);
  });

  it.each([
    '?done=linked&site=%3Cscript%3E',
    '?done=%3Cscript%3E&site=eng',
    '?done=constructor&site=eng',
    '?done=linked&done=linked&site=eng',
    '?done=linked&site=labs',
    '?notice=Call+this+number',
  ])('says nothing that an address wants it to: %s', async (query) => {
    const app = await startConnect();
    expect((await app.get(`/connect${query}`)).html).toBe((await app.get('/connect')).html);
  });

  it('says that the store is away, and nothing of what happened inside', async () => {
    const app = await startConnect();
    app.vault.linksOf = () => Promise.reject(new Error('secret words of a driver'));
    const page = await app.get('/connect');
    expect([page.status, page.text]).toEqual([503, expect.stringContaining('That did not work')]);
    expect(page.html).not.toContain('secret words');
    expect(app.errors).toHaveLength(1);
  });
});

it('describes itself to authorization servers under its own address', async () => {
  const app = await startConnect();
  const document: unknown = await (await fetch(`${app.origin}/connect/client-metadata.json`)).json();
  expect(document).toEqual({
    client_id: `${app.origin}/connect/client-metadata.json`,
    client_name: 'Switchyard',
    client_uri: app.origin,
    redirect_uris: [`${app.origin}/connect/atlassian/callback`],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: 'native',
  });
});

describe('a missing link', () => {
  const site = { name: 'eng', cloudId: ENG, title: 'eng' } as Parameters<typeof missingLink>[0];

  it.each([
    [false, 'You have not linked eng yet.'],
    [true, 'Your link to eng has ended and must be renewed.'],
  ])('is told with the address of the page that mends it (ended: %s)', (ended, words) => {
    const { text, url } = missingLink(site, { publicUrl: 'https://mcp.acme.example', ended });
    expect(url).toBe('https://mcp.acme.example/connect/eng');
    expect(text).toBe(`${words} Open ${url} in your browser, sign in and link it, then try again.`);
  });
});
