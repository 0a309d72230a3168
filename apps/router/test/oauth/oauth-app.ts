// The pages of OAuth over an emulated identity provider, as a browser sees them.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

import { Secret } from '@switchyard/catalogue';
import {
  type AuthorizationEvent,
  type AuthorizationServer,
  createAuthorizationServer,
  createKeyRing,
  createMemoryState,
  createRedirectPolicy,
  REDIRECT_PRESETS,
} from '@switchyard/identity';
import { createIdentityProvider, type IdentityProvider } from '@switchyard/rovo-emulator';
import express from 'express';

import { createBrowserIdentity } from '../../src/oauth/browser-identity.ts';
import { oauthErrorPage } from '../../src/oauth/oauth-problems.ts';
import { createOAuthRouter } from '../../src/oauth/oauth-router.ts';
import { createOwnSessions } from '../../src/oauth/own-sessions.ts';

const CLAUDE = 'https://claude.ai/api/mcp/auth_callback';
export const ENG = '11111111-aaaa-4aaa-8aaa-000000000001';
export const OPS = '22222222-bbbb-4bbb-8bbb-000000000002';
const VERIFIER = 'v'.repeat(43);

const PEOPLE = [
  { sub: 'alice', name: 'Alice Example', email: 'alice@acme.example', groups: ['eng'] },
  { sub: 'bob', name: 'Bob Example', email: 'bob@acme.example', groups: [] },
];

export interface OAuthApp {
  readonly origin: string;
  readonly server: AuthorizationServer;
  readonly company: IdentityProvider;
  readonly issuer: string;
  readonly events: AuthorizationEvent[];
  readonly errors: unknown[];
  close(): Promise<void>;
}

export async function startOAuthApp(): Promise<OAuthApp> {
  const company = createIdentityProvider({ people: PEOPLE, settings: { autoSignIn: 'alice' } });
  const { issuer } = await company.start();
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  company.control.putClient({
    clientId: 'switchyard',
    clientSecret: 'secret',
    redirectUris: [`${origin}/oauth/callback`],
  });

  const events: AuthorizationEvent[] = [];
  const errors: unknown[] = [];
  const keys = createKeyRing([{ id: 'k1', secret: new Secret('a key of at least 32 bytes for tests') }]);
  const policy = { redirects: createRedirectPolicy(REDIRECT_PRESETS), cimd: true, dcr: true, clients: [] };
  let requests = 0;
  const server = await createAuthorizationServer({
    issuer: origin,
    findResource: (url) => (url === `${origin}/mcp` ? url : undefined),
    state: createMemoryState(),
    keys,
    identityProvider: { issuer, clientId: 'switchyard', clientSecret: new Secret('secret') },
    policy: () => policy,
    admits: (person, audience) => !audience.endsWith('/admin') || person.email === 'alice@acme.example',
    errorPage: oauthErrorPage,
    addressOf: () => String((requests += 1)),
    onEvent: (event) => void events.push(event),
  });
  const publicUrl = (): string => origin;
  const browsers = createBrowserIdentity(keys, publicUrl);
  const sessions = createOwnSessions({ keys, browsers, people: server.people, publicUrl });
  const app = express();
  app.use(
    createOAuthRouter({
      server,
      browsers,
      sessions,
      publicUrl,
      choicesFor: async () => ({
        sites: [site(ENG, 'Engineering'), site(OPS, 'Operations')],
        products: PRODUCTS,
        readOnlyForced: false,
      }),
      siteTitle: (cloudId) => (cloudId === ENG ? 'Engineering' : 'Operations'),
      onError: (error) => void errors.push(error),
    }),
  );
  app.use((req, res, next) => {
    if (server.serves(req.path)) void server.handle(req, res);
    else next();
  });
  http.on('request', app);
  async function close(): Promise<void> {
    await server.close();
    await company.stop();
    http.closeAllConnections();
    http.close();
  }
  return { origin, server, company, issuer, events, errors, close };
}

const PRODUCTS = [
  { value: 'jira', label: 'Jira' },
  { value: 'confluence', label: 'Confluence' },
];

function site(value: string, title: string) {
  return {
    value,
    name: title.toLowerCase(),
    title,
    url: 'https://alpha-eng.atlassian.net',
    shared: false,
    readOnly: false,
    linked: true,
  };
}

/** A browser that clicks: it knows cookies, follows redirects and `meta refresh`, and reads forms. */
export interface Tab {
  readonly cookies: Map<string, string>;
  get(url: string): Promise<Page>;
  /** Sends a form as this browser would, with changes. */
  post(
    url: string,
    fields: readonly (readonly [string, string])[],
    headers?: Record<string, string>,
  ): Promise<Page>;
}

export interface Page {
  readonly url: string;
  readonly status: number;
  readonly html: string;
  readonly headers: Headers;
  /** Where it wanted to go, when that was elsewhere. */
  readonly elsewhere?: string;
}

interface Sent {
  readonly method?: string;
  readonly body?: URLSearchParams;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Where a browser goes next by itself. */
function nextOf({ url, html, headers }: Page): URL | undefined {
  const refresh = /http-equiv="refresh" content="0;url=([^"]+)"/.exec(html)?.[1];
  const to = headers.get('location') ?? refresh?.replaceAll('&amp;', '&');
  return to === undefined ? undefined : new URL(to, url);
}

export function openTab({ origin, issuer }: Pick<OAuthApp, 'origin' | 'issuer'>): Tab {
  const cookies = new Map<string, string>();

  async function send(url: string, { headers, ...init }: Sent): Promise<Page> {
    const own = url.startsWith(origin);
    const cookie = own ? [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') : '';
    const all = { ...headers, ...(cookie !== '' && { cookie }) };
    const response = await fetch(url, { ...init, headers: all, redirect: 'manual' });
    if (own) for (const line of response.headers.getSetCookie()) keep(line);
    return { url, status: response.status, html: await response.text(), headers: response.headers };
  }

  async function go(start: string, form: Sent = {}): Promise<Page> {
    let page = await send(start, form);
    for (let hops = 0; hops < 20; hops += 1) {
      const next = nextOf(page);
      if (next === undefined) return page;
      if (![origin, issuer].includes(next.origin)) return { ...page, elsewhere: next.href };
      page = await send(next.href, {});
    }
    throw new Error('too many redirects');
  }

  function keep(line: string): void {
    const [pair = ''] = line.split(';');
    const at = pair.indexOf('=');
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    if (value === '') cookies.delete(name);
    else cookies.set(name, value);
  }

  return {
    cookies,
    get: (url) => go(url.startsWith('/') ? origin + url : url),
    post: (url, fields, headers = { origin }) =>
      go(url.startsWith('/') ? origin + url : url, {
        method: 'POST',
        body: new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value])),
        headers,
      }),
  };
}

/** The hidden field that every form of ours carries. */
export function csrfOf({ html }: Page): string {
  return /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
}

export async function register({ origin }: OAuthApp, name = 'Claude'): Promise<string> {
  const response = await fetch(`${origin}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_name: name, redirect_uris: [CLAUDE], token_endpoint_auth_method: 'none' }),
  });
  return String(((await response.json()) as { client_id: unknown }).client_id);
}

export function authorizePath(clientId: string, changes: Record<string, string> = {}): string {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: CLAUDE,
    state: 'client-state',
    code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
    code_challenge_method: 'S256',
    ...changes,
  });
  return `/oauth/authorize?${query.toString()}`;
}

/** From the client's link to the consent page. */
export async function toConsent(tab: Tab, path: string): Promise<Page> {
  const handOver = await tab.get(path);
  return tab.post(`${handOver.url}/continue`, [['csrf', csrfOf(handOver)]]);
}

/** What the consent form sends when everything stays ticked. */
export function allowed(page: Page, sites: readonly string[] = [ENG, OPS]): [string, string][] {
  return [
    ['csrf', csrfOf(page)],
    ['decision', 'allow'],
    ...sites.map((each): [string, string] => ['site', each]),
    ['product', 'jira'],
    ['product', 'confluence'],
  ];
}
