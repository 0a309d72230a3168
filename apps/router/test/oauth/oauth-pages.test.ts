import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import {
  allowed,
  authorizePath,
  csrfOf,
  ENG,
  type OAuthApp,
  openTab,
  OPS,
  register,
  startOAuthApp,
  type Tab,
  toConsent,
} from './oauth-app.ts';

let app: OAuthApp;
let tab: Tab;
let path: string;
beforeAll(async () => void (app = await startOAuthApp()));
afterAll(() => app.close());
beforeEach(async () => {
  app.company.control.updateSettings({ autoSignIn: 'alice', forge: null });
  await app.server.revokeAll('all');
  for (const { id } of await app.server.people.list()) await app.server.enablePerson(id);
  tab = openTab(app);
  path = authorizePath(await register(app));
});

describe('a person connects an app', () => {
  test('who asks, sign-in, what to hand on, and back to the app', async () => {
    const handOver = await tab.get(path);
    expect(handOver.html).toContain('Claude');
    expect(handOver.html).toContain('claude.ai');
    const consent = await toConsent(tab, path);
    expect(consent.html).toContain('alice@acme.example');
    expect(consent.headers.get('content-security-policy')).toContain("default-src 'none'");
    const back = await tab.post(consent.url, allowed(consent, [ENG]));
    const answer = new URL(back.elsewhere ?? '').searchParams;
    expect([answer.get('state'), answer.get('iss')]).toEqual(['client-state', app.origin]);
    expect(answer.get('code')).not.toBeNull();
    const [connection] = await app.server.connections('all');
    expect(connection).toMatchObject({
      clientName: 'Claude',
      redirectHost: 'claude.ai',
      picks: { cloudIds: new Set([ENG]) },
    });
    expect(app.events).toContainEqual(expect.objectContaining({ kind: 'consent', outcome: 'granted' }));
  });

  test('fewer products and reading only are limits of the connection', async () => {
    const consent = await toConsent(tab, path);
    await tab.post(consent.url, [
      ['csrf', csrfOf(consent)],
      ['decision', 'allow'],
      ['site', ENG],
      ['product', 'jira'],
      ['readOnly', 'yes'],
    ]);
    const [connection] = await app.server.connections('all');
    expect(connection).toMatchObject({
      scopes: ['atl:read'],
      picks: { products: { jira: 'read' }, readOnly: true },
    });
  });

  test('sites and products that were not on the page are not handed on', async () => {
    const consent = await toConsent(tab, path);
    await tab.post(consent.url, [
      ...allowed(consent, [OPS]),
      ['site', '99999999-9999-4999-8999-999999999999'],
      ['product', 'everything'],
    ]);
    const [connection] = await app.server.connections('all');
    expect(connection?.picks).toEqual({ cloudIds: new Set([OPS]) });
  });

  test.each([
    [
      'no site',
      [
        ['decision', 'allow'],
        ['product', 'jira'],
      ],
      'Choose at least one site',
    ],
    [
      'no product',
      [
        ['decision', 'allow'],
        ['site', ENG],
      ],
      'Choose at least one product',
    ],
  ] as const)('with %s the page comes again and says so', async (_what, fields, error) => {
    const consent = await toConsent(tab, path);
    const again = await tab.post(consent.url, [['csrf', csrfOf(consent)], ...fields]);
    expect(again.status).toBe(400);
    expect(again.html).toContain(error);
    expect(await app.server.connections('all')).toEqual([]);
    expect((await tab.post(again.url, allowed(again))).elsewhere).toContain('code=');
  });

  test('a person who cancels: the app hears it, and nothing is connected', async () => {
    const consent = await toConsent(tab, path);
    const back = await tab.post(consent.url, [
      ['csrf', csrfOf(consent)],
      ['decision', 'cancel'],
    ]);
    expect(back.elsewhere).toContain('error=access_denied');
    expect(await app.server.connections('all')).toEqual([]);
  });

  test('the admin API is for those whom the rules admit, and says what it is', async () => {
    const admin = authorizePath(await register(app), { resource: `${app.origin}/admin` });
    const consent = await toConsent(tab, admin);
    expect(consent.html).toContain('The administration of this Switchyard');
    const back = await tab.post(consent.url, [
      ['csrf', csrfOf(consent)],
      ['decision', 'allow'],
      ['site', 'administration'],
    ]);
    expect(back.elsewhere).toContain('code=');
    app.company.control.updateSettings({ autoSignIn: 'bob' });
    const other = openTab(app);
    const asked = await toConsent(other, admin);
    const refused = await other.post(asked.url, [
      ['csrf', csrfOf(asked)],
      ['decision', 'allow'],
      ['site', 'administration'],
    ]);
    expect(refused.elsewhere).toContain('error=access_denied');
  });
});

describe('forms of other pages change nothing', () => {
  const forged = [
    ['without the token', (): [string, string][] => [], undefined],
    ['with an empty token', () => [['csrf', '']], undefined],
    ['with a token of another length', () => [['csrf', 'x']], undefined],
    [
      'with a token twice',
      (token: string) => [
        ['csrf', token],
        ['csrf', token],
      ],
      undefined,
    ],
    ['from another origin', (token: string) => [['csrf', token]], { origin: 'https://evil.example' }],
    ['from an opaque origin', (token: string) => [['csrf', token]], { origin: 'null' }],
    ['from nowhere', (token: string) => [['csrf', token]], {}],
    [
      'from another site, by the word of the browser',
      (token: string) => [['csrf', token]],
      { 'sec-fetch-site': 'cross-site' },
    ],
  ] as [string, (token: string) => [string, string][], Record<string, string> | undefined][];

  test.each(forged)('%s', async (_what, tokenFields, headers) => {
    const consent = await toConsent(tab, path);
    const fields: [string, string][] = [
      ...tokenFields(csrfOf(consent)),
      ['decision', 'allow'],
      ['site', ENG],
      ['product', 'jira'],
    ];
    expect((await tab.post(consent.url, fields, headers)).status).toBe(403);
    expect(await app.server.connections('all')).toEqual([]);
  });

  test('the token of one request is none of another, nor one of another browser', async () => {
    const first = await toConsent(tab, path);
    const second = await toConsent(tab, path);
    expect((await tab.post(second.url, [...allowed(second).slice(1), ['csrf', csrfOf(first)]])).status).toBe(
      403,
    );
    const stranger = openTab(app);
    const theirs = await toConsent(stranger, path);
    expect((await tab.post(second.url, [...allowed(second).slice(1), ['csrf', csrfOf(theirs)]])).status).toBe(
      403,
    );
  });

  test('another browser has no such page, not even with the address and the token (CVE-2026-27124)', async () => {
    const consent = await toConsent(tab, path);
    const stranger = openTab(app);
    await stranger.get(path);
    expect((await stranger.get(consent.url)).status).toBe(400);
    expect((await stranger.post(consent.url, allowed(consent))).status).toBe(400);
  });

  test('the same answer sent twice connects once', async () => {
    const consent = await toConsent(tab, path);
    expect((await tab.post(consent.url, allowed(consent))).elsewhere).toContain('code=');
    expect((await tab.post(consent.url, allowed(consent))).status).toBe(400);
    expect(await app.server.connections('all')).toHaveLength(1);
  });
});

describe('what the identity provider answers', () => {
  const FORGED = [
    'nonce',
    'no-nonce',
    'issuer',
    'audience',
    'more-audiences',
    'no-subject',
    'expired',
    'signature',
    'alg-none',
    'alg-hs256',
    'no-id-token',
    'callback-issuer',
    'callback-state',
    'userinfo-subject',
  ] as const;

  test.each(FORGED)('forged (%s), it signs nobody in', async (forge) => {
    app.company.control.updateSettings({ forge });
    app.events.length = 0;
    const page = await toConsent(tab, path);
    expect(page.status).toBe(400);
    expect(page.html).toMatch(/not signed in|sign-in is over/i);
    expect(app.events).toMatchObject([{ kind: 'sign_in', outcome: 'refused' }]);
    expect([...tab.cookies.keys()]).not.toContain('switchyard');
  });

  test('when it is down the page says so, and nothing of the request is told on', async () => {
    const lonely = await startOAuthApp();
    await lonely.company.stop();
    const page = await toConsent(openTab(lonely), authorizePath(await register(lonely)));
    expect(page.status).toBe(503);
    expect(page.html).toContain('does not answer');
    expect(lonely.errors).toHaveLength(1);
    await lonely.close();
  });
});

async function signedIn(): Promise<Tab> {
  const own = openTab(app);
  await own.get('/connect/clients');
  return own;
}

describe('the pages of a person', () => {
  test('whoever is not signed in is sent to sign in, and comes back', async () => {
    const page = await tab.get('/connect/clients');
    expect([page.url, page.status]).toEqual([`${app.origin}/connect/clients`, 200]);
    expect(page.html).toContain('No app is connected');
  });

  test('connected apps are listed and disconnected', async () => {
    const consent = await toConsent(tab, path);
    await tab.post(consent.url, allowed(consent, [ENG]));
    const list = await tab.get('/connect/clients');
    expect(list.html).toContain('Engineering');
    const [connection] = await app.server.connections('all');
    const done = await tab.post('/connect/clients/revoke', [
      ['csrf', csrfOf(list)],
      ['connection', connection?.id ?? ''],
    ]);
    expect(done.html).toContain('The app is disconnected');
    expect(await app.server.connections('all')).toEqual([]);
  });

  test('a connection of somebody else stays, and the answer tells nothing', async () => {
    const consent = await toConsent(tab, path);
    await tab.post(consent.url, allowed(consent));
    const [connection] = await app.server.connections('all');
    app.company.control.updateSettings({ autoSignIn: 'bob' });
    const bob = await signedIn();
    const list = await bob.get('/connect/clients');
    expect(list.html).not.toContain('claude.ai');
    const own = await bob.post('/connect/clients/revoke', [
      ['csrf', csrfOf(list)],
      ['connection', connection?.id ?? ''],
    ]);
    const none = await bob.post('/connect/clients/revoke', [
      ['csrf', csrfOf(list)],
      ['connection', 'nothing'],
    ]);
    expect(own.html).toBe(none.html);
    expect(await app.server.connections('all')).toHaveLength(1);
  });

  test('signing out ends the session of this browser', async () => {
    const own = await signedIn();
    const page = await own.get('/connect/clients');
    expect((await own.post('/connect/sign-out', [['csrf', csrfOf(page)]])).html).toContain('signed out');
    expect([...own.cookies.keys()]).not.toContain('switchyard');
  });

  test('a session that is carried to another browser is worth nothing there', async () => {
    const own = await signedIn();
    const answer = await fetch(`${app.origin}/connect/clients`, {
      headers: { cookie: `switchyard=${own.cookies.get('switchyard')}` },
      redirect: 'manual',
    });
    expect(answer.headers.get('location')).toContain('/oauth/sign-in');
  });

  test('a person who is disabled is signed out everywhere', async () => {
    const own = await signedIn();
    const [person] = await app.server.people.list();
    await app.server.disablePerson(person?.id ?? '');
    const page = await own.get('/connect/clients');
    expect(page.html).toContain('Your access is turned off');
  });

  const ELSEWHERE = [
    'https://evil.example/',
    '//evil.example/connect',
    '/\\evil.example',
    'http:/evil.example',
    'javascript:alert(1)',
    '/oauth/authorize',
    '/connect/../oauth/token',
    '/connectx',
    '',
    '%2f%2fevil.example',
    '/connect\r\nx-injected: 1',
  ];
  test.each(ELSEWHERE)('a sign-in comes back to a page of ours, not to %j', async (to) => {
    const page = await tab.get(`/oauth/sign-in?to=${encodeURIComponent(to)}`);
    expect(new URL(page.elsewhere ?? page.url).origin).toBe(app.origin);
    expect(new URL(page.url).pathname).toMatch(/^\/connect/);
    expect(page.headers.get('x-injected')).toBeNull();
  });
});

describe('text of strangers on the pages', () => {
  const NAMES = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</title><script>alert(1)</script>',
    '&lt;b&gt;',
    '{{constructor}}',
  ];
  test.each(NAMES)('a client called %j', async (name) => {
    const hostile = authorizePath(await register(app, name));
    const pages = [await tab.get(hostile), await toConsent(tab, hostile)];
    for (const { html } of pages) expect(html).not.toMatch(/<script|<img|onmouseover='|onerror=alert\(1\)>/);
  });

  test('an error of a request is explained, and quotes nothing that could run', async () => {
    const page = await tab.get('/oauth/authorize?client_id=%3Cscript%3Ealert(1)%3C/script%3E');
    expect(page.status).toBe(400);
    expect(page.html).toContain('This app is not known here');
    expect(page.html).not.toContain('<script');
  });
});
