// A site's endpoint and its authorization server on one loopback port; a test changes what they say.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

import { onTestFinished } from 'vitest';

import type { AtlassianOauthOptions } from '../../src/atlassian/atlassian-oauth.ts';
import { type AtlassianOauth, createAtlassianOauth, createMemoryState } from '../../src/index.ts';
import { ringOf } from '../vault/fixture.ts';

export const CALLBACK = 'https://mcp.acme.example/connect/atlassian/callback';
export const DOCUMENT = 'https://mcp.acme.example/connect/client-metadata.json';
export const CLOUD_ID = '11111111-aaaa-4aaa-8aaa-000000000001';
export const BOUND = ['person-alice', 'browser-of-alice'];

type Json = Record<string, unknown>;

/** One request that came, without its query. */
interface Came {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** What the server says; `null` for a description that is not there. */
export interface FakeAtlassian {
  readonly origin: string;
  readonly endpoint: string;
  readonly issuer: string;
  readonly came: Came[];
  resource: Json | string | null;
  metadata: Json | string | null;
  registration: { readonly status: number; readonly body: Json };
  token: (fields: URLSearchParams) => { readonly status: number; readonly body: Json };
  /** Where the server's description is. */
  places: readonly string[];
  /** What was sent to one path, oldest first. */
  sentTo(path: string): Came[];
}

const PATH = '/VCeDsk8ZHncYF1g234fKtc4lNipbBhu3';
export const PLACES = {
  inserted: `/.well-known/oauth-authorization-server${PATH}`,
  openidInserted: `/.well-known/openid-configuration${PATH}`,
  openidAppended: `${PATH}/.well-known/openid-configuration`,
  appended: `${PATH}/.well-known/oauth-authorization-server`,
} as const;

export async function startAtlassian(): Promise<FakeAtlassian> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  const fake = describeSelf(origin);
  server.on('request', (req, res) => {
    void answer(fake, req).then(({ status, body }) =>
      res.writeHead(status, { 'content-type': 'application/json' }).end(body),
    );
  });
  return fake;
}

function describeSelf(origin: string): FakeAtlassian {
  const issuer = `${origin}${PATH}`;
  const came: Came[] = [];
  let tokens = 0;
  return {
    origin,
    issuer,
    endpoint: `${origin}/v2/mcp?tools=all`,
    came,
    resource: {
      resource: `${origin}/v2/mcp`,
      authorization_servers: [issuer],
      scopes_supported: ['read:me', 'read:jira:agent-interface'],
    },
    metadata: {
      issuer,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/oauth/token`,
      registration_endpoint: `${issuer}/dcr/register`,
      revocation_endpoint: `${origin}/oauth/revoke`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none', 'client_secret_post', 'client_secret_basic'],
      scopes_supported: ['read:me', 'read:jira:agent-interface', 'offline_access'],
      authorization_response_iss_parameter_supported: true,
    },
    registration: { status: 201, body: { client_id: 'dcr-client', client_secret: 'dcr-secret' } },
    token: () => {
      tokens += 1;
      return {
        status: 200,
        body: {
          access_token: `access-${tokens}`,
          refresh_token: `refresh-${tokens}`,
          token_type: 'Bearer',
          expires_in: 3300,
        },
      };
    },
    places: [PLACES.inserted],
    sentTo: (path) => came.filter((each) => each.path === path),
  };
}

async function answer(
  fake: FakeAtlassian,
  req: IncomingMessage,
): Promise<{ readonly status: number; readonly body: string }> {
  const { pathname } = new URL(req.url ?? '/', fake.origin);
  const { authorization } = req.headers;
  const body = await text(req);
  fake.came.push({ method: req.method ?? '', path: pathname, authorization, body });
  if (pathname === '/.well-known/oauth-protected-resource/v2/mcp') return document(fake.resource);
  if (fake.places.includes(pathname)) return document(fake.metadata);
  if (pathname === `${PATH}/dcr/register`) return said(fake.registration);
  if (pathname === '/oauth/token') return said(fake.token(new URLSearchParams(body)));
  if (pathname === '/oauth/revoke') return { status: 200, body: '' };
  return { status: 404, body: '{}' };
}

function document(json: Json | string | null): { status: number; body: string } {
  if (json === null) return { status: 404, body: '{}' };
  return { status: 200, body: typeof json === 'string' ? json : JSON.stringify(json) };
}

function said({ status, body }: { readonly status: number; readonly body: Json }): {
  status: number;
  body: string;
} {
  return { status, body: JSON.stringify(body) };
}

export function openOauth(options: Partial<AtlassianOauthOptions> = {}): AtlassianOauth {
  const oauth = createAtlassianOauth({
    state: createMemoryState({ maxEntries: 100 }),
    keys: ringOf('k1'),
    callbackUrl: CALLBACK,
    ...options,
  });
  onTestFinished(() => oauth.close());
  return oauth;
}

/** Begins, and gives the parameters of the address that the browser is sent to. */
export async function begin(oauth: AtlassianOauth, { endpoint }: FakeAtlassian): Promise<URLSearchParams> {
  return new URL(await oauth.begin({ endpoint, cloudId: CLOUD_ID, bound: BOUND })).searchParams;
}

/** The browser comes back with a code. */
export function backWith(
  state: string | null,
  { issuer }: FakeAtlassian,
  others: Readonly<Record<string, string>> = {},
): URLSearchParams {
  return new URLSearchParams({ code: 'the-code', state: state ?? '', iss: issuer, ...others });
}
