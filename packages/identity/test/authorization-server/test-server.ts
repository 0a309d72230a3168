import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { type Picks, Secret } from '@switchyard/catalogue';

import type { AuthorizationRequest } from '../../src/authorization-server/authorization-request.ts';
import type {
  AuthorizationServer,
  AuthorizationServerOptions,
} from '../../src/authorization-server/authorization-server.ts';
import type { ClientPolicy } from '../../src/authorization-server/clients.ts';
import type { AuthorizationEvent } from '../../src/authorization-server/events.ts';
import { createAuthorizationServer } from '../../src/authorization-server/load-authorization-server.ts';
import { createRedirectPolicy, REDIRECT_PRESETS } from '../../src/authorization-server/redirect-policy.ts';
import { createKeyRing } from '../../src/state/envelope.ts';
import { createMemoryState } from '../../src/state/memory-state.ts';
import { type Browser, createBrowser } from './browser.ts';
import { type CompanyProvider, startCompanyProvider } from './company-provider.ts';

/** A server with the least of pages around it: what the router does, without its HTML. */
export interface TestServer {
  readonly origin: string;
  readonly company: CompanyProvider;
  readonly server: AuthorizationServer;
  readonly events: AuthorizationEvent[];
  readonly options: AuthorizationServerOptions;
  /** Replaces the policy, as a reload of the configuration does. */
  readonly rules: { policy: ClientPolicy };
  /** Added to the clock. */
  readonly clock: { aheadMs: number };
  close(): Promise<void>;
}

export const KEYS = createKeyRing([{ id: 'k1', secret: new Secret('a secret for tests, long enough') }]);

const OPEN: ClientPolicy = {
  redirects: createRedirectPolicy(REDIRECT_PRESETS),
  cimd: true,
  dcr: true,
  clients: [],
};

export async function startTestServer(
  changes: Partial<AuthorizationServerOptions> = {},
): Promise<TestServer> {
  const company = await startCompanyProvider();
  const http = createServer((req, res) => void serve(req, res));
  const origin = await listen(http);
  const events: AuthorizationEvent[] = [];
  const clock = { aheadMs: 0 };
  let requests = 0;
  const rules = { policy: OPEN };
  const options: AuthorizationServerOptions = {
    issuer: origin,
    findResource: (url) => canonical(origin, url),
    state: createMemoryState(),
    keys: KEYS,
    identityProvider: {
      issuer: company.issuer,
      clientId: 'switchyard',
      clientSecret: new Secret('idp-secret'),
    },
    policy: () => rules.policy,
    admits: () => true,
    errorPage: ({ error, description }) => ({
      html: JSON.stringify({ error, description }),
      headers: { 'content-type': 'text/html' },
    }),
    // Each request from an address of its own: limits have tests of their own.
    addressOf: () => `2001:db8::${(requests += 1).toString(16)}`,
    onEvent: (event) => void events.push(event),
    documents: { loopback: true },
    now: () => Date.now() + clock.aheadMs,
    ...changes,
  };
  const server = await createAuthorizationServer(options);
  const test: TestServer = {
    origin,
    company,
    server,
    events,
    options,
    rules,
    clock,
    async close() {
      await server.close();
      await options.state.close();
      await company.close();
      http.closeAllConnections();
      await new Promise((resolve) => void http.close(resolve));
    },
  };

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(req.url ?? '/', origin);
    if (server.serves(pathname)) return server.handle(req, res);
    const browser = browserOf(req, res);
    if (pathname === '/oauth/callback') return callback(res, browser, searchParams);
    const [, uid = '', step = ''] = /^\/oauth\/interaction\/([\w-]+)\/?(\w*)$/.exec(pathname) ?? [];
    const request = await server.interactions.find(req, res, uid);
    if (!request) return send(res, 400, { problem: 'no such request' });
    if (req.method !== 'POST') return send(res, 200, request);
    if (step !== 'continue') return answer(res, { request, step, picks: searchParams.get('picks') ?? '{}' });
    redirect(res, (await server.signIn.begin(browser, { kind: 'authorize', uid })).href);
  }

  async function answer(
    res: ServerResponse,
    { request, step, picks }: { request: AuthorizationRequest; step: string; picks: string },
  ): Promise<void> {
    const { grant, deny } = server.interactions;
    const next = await (step === 'deny' ? deny(request) : grant(request, JSON.parse(picks) as Picks));
    return next === undefined ? send(res, 409, { problem: 'answered' }) : redirect(res, next);
  }

  async function callback(res: ServerResponse, browser: string, answer: URLSearchParams): Promise<void> {
    const outcome = await server.signIn.finish(browser, answer);
    if (!outcome.ok) return send(res, 400, outcome);
    if (outcome.purpose.kind !== 'authorize') return send(res, 200, outcome);
    await server.interactions.signedIn(outcome.purpose.uid, outcome.person.id);
    redirect(res, `/oauth/interaction/${outcome.purpose.uid}`);
  }
  return test;
}

function canonical(origin: string, url: string): string | undefined {
  const path = url.startsWith(`${origin}/`) ? url.slice(origin.length) : '';
  if (/^\/(?:v[12]\/)?mcp$/.test(path)) return `${origin}/mcp`;
  return /^\/mcp\/(?:sites|views)\/[a-z0-9-]+$/.test(path) ? url : undefined;
}

function browserOf(req: IncomingMessage, res: ServerResponse): string {
  const known = /(?:^|; )browser=([\w-]+)/.exec(req.headers.cookie ?? '')?.[1];
  const browser = known ?? randomBytes(16).toString('base64url');
  if (known === undefined) res.setHeader('set-cookie', `browser=${browser}; Path=/; HttpOnly`);
  return browser;
}

function send(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function redirect(res: ServerResponse, location: string): void {
  res.writeHead(303, { location }).end();
}

async function listen(http: Server): Promise<string> {
  await new Promise<void>((resolve) => void http.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
}

export const CLAUDE = 'https://claude.ai/api/mcp/auth_callback';

/** A client as hosted ones are: registers, sends people, exchanges codes. */
export async function register(
  { origin }: TestServer,
  metadata: Record<string, unknown> = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${origin}/oauth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'Claude',
      redirect_uris: [CLAUDE],
      token_endpoint_auth_method: 'none',
      ...metadata,
    }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const VERIFIER = 'v'.repeat(43);

/** The URL that a client opens. */
export function authorizeUrl(
  { origin }: TestServer,
  clientId: string,
  changes: Record<string, string | undefined> = {},
): string {
  const params = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: CLAUDE,
    state: 'client-state',
    code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
    code_challenge_method: 'S256',
    resource: `${origin}/mcp`,
    scope: 'atl:read atl:write',
    ...changes,
  };
  const given = Object.entries(params).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return `${origin}/oauth/authorize?${new URLSearchParams(given).toString()}`;
}

/** Opens the URL, signs in, and stops before the consent. */
export async function signIn(
  test: TestServer,
  url: string,
  browser: Browser = createBrowser(),
): Promise<{ browser: Browser; page: string }> {
  const { url: page, response, location } = await browser.follow(url, [test.origin]);
  if (location !== undefined || response.status !== 200) {
    throw new Error(`no sign-in page: ${response.status} ${location ?? (await response.text())}`);
  }
  const toProvider = await browser.post(`${page}/continue`, {});
  const back = await browser.follow(toProvider.headers.get('location') ?? '', [
    test.origin,
    test.company.issuer,
  ]);
  if (back.response.status !== 200) throw new Error(`no consent page: ${await back.response.text()}`);
  return { browser, page };
}

/** Consents; the query that the client gets back. */
export async function consent(
  { origin }: TestServer,
  { browser, page }: { browser: Browser; page: string },
  picks: { cloudIds?: string[]; readOnly?: boolean } = {},
): Promise<URLSearchParams> {
  const answered = await browser.post(`${page}?picks=${encodeURIComponent(JSON.stringify(picks))}`, {});
  const { location = '' } = await browser.follow(
    new URL(answered.headers.get('location') ?? '', origin).href,
    [origin],
  );
  return new URL(location).searchParams;
}

/** Asks the token endpoint. */
export async function askToken(
  { origin }: TestServer,
  form: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Record<string, string> }> {
  const response = await fetch(`${origin}/oauth/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers,
  });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

/** What the exchange of a code takes. */
export function codeForm(
  clientId: string,
  code: string,
  changes: Record<string, string> = {},
): Record<string, string> {
  return {
    grant_type: 'authorization_code',
    client_id: clientId,
    code,
    redirect_uri: CLAUDE,
    code_verifier: VERIFIER,
    ...changes,
  };
}

/** The whole way: registration, sign-in, consent, tokens. */
export async function connect(
  test: TestServer,
  changes: Record<string, string | undefined> = {},
): Promise<{ clientId: string; accessToken: string; refreshToken: string }> {
  const clientId = String((await register(test)).body['client_id']);
  const answer = await consent(test, await signIn(test, authorizeUrl(test, clientId, changes)));
  const { body } = await askToken(test, codeForm(clientId, answer.get('code') ?? ''));
  return { clientId, accessToken: body['access_token'] ?? '', refreshToken: body['refresh_token'] ?? '' };
}
