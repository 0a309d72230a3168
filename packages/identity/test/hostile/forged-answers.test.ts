import { generateKeyPair, type JWTPayload } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { createBrowser } from '../authorization-server/browser.ts';
import { ALICE, BOB } from '../authorization-server/company-provider.ts';
import {
  authorizeUrl,
  consent,
  register,
  signIn,
  startTestServer,
  type TestServer,
} from '../authorization-server/test-server.ts';
import { tryAll } from './report.ts';

let running: TestServer;
let url: string;
beforeAll(async () => {
  running = await startTestServer();
  url = authorizeUrl(running, String((await register(running)).body['client_id']));
});
afterAll(() => running.close());
afterEach(() => {
  running.company.forge = {};
  running.company.claims = ALICE;
});

/** Goes to the identity provider and stops before its answer is handed in. */
async function halfway(): Promise<{
  browser: ReturnType<typeof createBrowser>;
  callback: URL;
  page: string;
}> {
  const browser = createBrowser();
  const { url: page } = await browser.follow(url, [running.origin]);
  const toProvider = await browser.post(`${page}/continue`, {});
  const { location = '' } = await browser.follow(toProvider.headers.get('location') ?? '', [
    running.company.issuer,
  ]);
  return { browser, callback: new URL(location), page };
}

/** Whether the answer signs somebody in. */
async function signsIn(callback: URL, browser: ReturnType<typeof createBrowser>): Promise<boolean> {
  const response = await browser.get(callback.href);
  await response.text();
  return response.status === 303;
}

type Forge = TestServer['company']['forge'];

function change(changes: JWTPayload): Forge {
  return { claims: (claims) => ({ ...claims, ...changes }) };
}

function without(name: string): Forge {
  return { claims: ({ [name]: _gone, ...claims }) => claims };
}

function part(at: number, text: string): Forge {
  return { token: (token) => token.split('.').with(at, text).join('.') };
}

describe('answers that the identity provider did not give', () => {
  test('a good one signs in, so that the others fail for what they are', async () => {
    const { browser, callback } = await halfway();
    expect(await signsIn(callback, browser)).toBe(true);
  });

  test('a changed query signs nobody in', async () => {
    const changes: ((query: URLSearchParams) => void)[] = [
      ...['state', 'code', 'iss'].flatMap((name) => [
        (query: URLSearchParams) => query.delete(name),
        (query: URLSearchParams) => query.set(name, ''),
        (query: URLSearchParams) => query.set(name, `${query.get(name)}x`),
        (query: URLSearchParams) => query.set(name, 'x'.repeat(43)),
        (query: URLSearchParams) => query.append(name, 'x'),
      ]),
      (query) => query.set('iss', 'https://evil.example'),
      (query) => query.set('iss', running.origin),
      (query) => query.set('error', 'access_denied'),
      (query) => query.set('response', 'eyJhbGciOiJub25lIn0.e30.'),
    ];
    await tryAll('forged callbacks', {
      cases: changes,
      least: 15,
      passes: async (change) => {
        const { browser, callback } = await halfway();
        change(callback.searchParams);
        return signsIn(callback, browser);
      },
    });
  });

  test('a changed ID token signs nobody in', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    const past = Math.floor(Date.now() / 1_000) - 3_600;
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const forges: Forge[] = [
      ...['iss', 'aud', 'sub', 'exp', 'iat', 'nonce'].map(without),
      ...['https://evil.example', '', running.origin].map((iss) => change({ iss })),
      ...['other', '', ['switchyard', 'other']].map((aud) => change({ aud })),
      change({ azp: 'other' }),
      change({ sub: '' }),
      change({ exp: past }),
      change({ iat: past * 1_000_000 }),
      change({ nonce: 'other' }),
      change({ nonce: '' }),
      change({ aud: ['switchyard', 'other'], azp: 'other' }),
      { key: privateKey },
      part(0, none),
      part(1, Buffer.from('{"sub":"admin"}').toString('base64url')),
      part(2, ''),
      part(2, 'AAAA'),
      { token: (token) => `${token}x` },
      { token: () => '' },
      { token: () => 'x' },
      { token: (token) => token.slice(1) },
      { token: (token) => [none, token.split('.')[1], ''].join('.') },
    ];
    await tryAll('forged ID tokens', {
      cases: forges,
      least: 25,
      passes: async (forge) => {
        running.company.forge = forge;
        const { browser, callback } = await halfway();
        return signsIn(callback, browser);
      },
    });
  });
});

describe('a sign-in belongs to the browser that began it', () => {
  test('the answer handed in by another browser signs nobody in, and is used up by that (CVE-2026-27124)', async () => {
    const { browser, callback } = await halfway();
    const other = createBrowser();
    await other.follow(url, [running.origin]);
    expect(await signsIn(callback, other)).toBe(false);
    expect(await signsIn(callback, createBrowser())).toBe(false);
    expect(await signsIn(callback, browser)).toBe(false);
  });

  test('the consent page of another browser is not there, with or without cookies of its own', async () => {
    const { page } = await signIn(running, url);
    const other = (await signIn(running, url)).browser;
    for (const browser of [createBrowser(), other]) {
      expect((await browser.get(page)).status).toBe(400);
      expect((await browser.post(page, {})).status).toBe(400);
      expect((await browser.post(`${page}/continue`, {})).status).toBe(400);
    }
  });

  test('a changed cookie is no cookie', async () => {
    const { browser, page } = await signIn(running, url);
    for (const [key, cookie] of browser.cookies) {
      if (cookie.name.includes('interaction.sig'))
        browser.cookies.set(key, { ...cookie, value: 'x'.repeat(27) });
    }
    expect((await browser.get(page)).status).toBe(400);
  });
});

describe('consent', () => {
  test('is asked every time: a second request in the same browser is answered by no code (GHSA-6x8h-498w-gv8c)', async () => {
    const first = await signIn(running, url);
    expect((await consent(running, first)).get('code')).not.toBeNull();
    const { browser } = first;
    for (const change of ['', '&prompt=none', '&prompt=login', '&prompt=consent', '&max_age=0']) {
      const { location, url: stop } = await browser.follow(`${url}${change}`, [running.origin]);
      expect(location ?? stop).not.toContain('code=');
    }
  });

  test('counts for who signed in last, and only once signed in', async () => {
    const begun = createBrowser();
    const { url: page } = await begun.follow(url, [running.origin]);
    const answered = await begun.post(page, {});
    expect((await begun.follow(answered.headers.get('location') ?? '', [running.origin])).location).toContain(
      'error=access_denied',
    );

    running.company.claims = BOB;
    const { browser, page: next } = await signIn(running, url);
    const request = (await (await browser.get(next)).json()) as { person: { email: string } };
    expect(request.person.email).toBe('bob@acme.example');
  });

  test('refused, the client hears it with the issuer, and nothing is connected', async () => {
    const { browser, page } = await signIn(running, url);
    const before = await running.server.connections('all');
    const answered = await browser.post(`${page}/deny`, {});
    const { location = '' } = await browser.follow(answered.headers.get('location') ?? '', [running.origin]);
    const answer = new URL(location).searchParams;
    expect([answer.get('error'), answer.get('iss'), answer.get('state')]).toEqual([
      'access_denied',
      running.origin,
      'client-state',
    ]);
    expect(await running.server.connections('all')).toHaveLength(before.length);
  });
});
