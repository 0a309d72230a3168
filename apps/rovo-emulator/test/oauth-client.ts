// A bare OAuth client for the tests: each step of the flow is one request that a test may bend.
import { createHash, randomBytes } from 'node:crypto';

import type { EmulatorOptions } from '../src/index.ts';
import { ALPHA, type Client, type Json, startClient, textAt } from './emulator-client.ts';

export const CALLBACK = 'http://127.0.0.1:7999/connect/callback';
const V2 = 'read:me read:account offline_access read:jira:agent-interface search:jira:agent-interface';

/** Which of the two authorization servers. */
type Server = 'current' | 'old';

/** Parameters of a request; undefined leaves one out. */
export type Parameters = Readonly<Record<string, string | undefined>>;

/** What was registered, and what follows from it. */
interface Registered {
  readonly server: Server;
  readonly id: string;
  readonly secret: string | undefined;
}

interface Outcome {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Json;
}

export interface OAuthClient extends Client {
  /** The metadata of a server, as a client finds it. */
  metadata(server?: Server): Promise<Json>;
  register(metadata?: unknown, server?: Server): Promise<Outcome>;
  client(server?: Server): Promise<Registered>;
  /** The answer to an authorization request, redirects not followed. */
  authorize(client: Registered, bend?: Parameters): Promise<Response>;
  /** The parameters that a redirect carries back; fails when there is none. */
  callback(client: Registered, bend?: Parameters): Promise<URLSearchParams>;
  /** `authorization` is the header, all else is the form. */
  token(client: Registered, form: Parameters): Promise<Outcome>;
  redeem(client: Registered, code: string, bend?: Parameters): Promise<Outcome>;
  refresh(client: Registered, refreshToken: string, bend?: Parameters): Promise<Outcome>;
  /** The whole flow, approved without a page. */
  connect(server?: Server, bend?: Parameters): Promise<Connection>;
}

export interface Connection {
  readonly client: Registered;
  readonly code: string;
  readonly auth: string;
  readonly refreshToken: string;
  readonly answer: Json;
}

const VERIFIER = randomBytes(32).toString('base64url');
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

/** Starts an emulator that approves for alice and alpha; settings of the options come on top. */
export async function startOAuth(options: EmulatorOptions = {}): Promise<OAuthClient> {
  const oauthAutoApprove = { account: 'alice@demo.example', cloudId: ALPHA };
  const base = await startClient({
    issuerPath: 'emulated',
    ...options,
    settings: { oauthAutoApprove, ...options.settings },
  });
  const urlOf = (server: Server, what: keyof Paths): string => base.url + PATHS[server][what];
  const self: OAuthClient = {
    ...base,
    metadata: async (server = 'current') => (await (await fetch(urlOf(server, 'metadata'))).json()) as Json,
    async register(
      metadata = { redirect_uris: [CALLBACK], token_endpoint_auth_method: 'none' },
      server = 'current',
    ) {
      return outcomeOf(
        await fetch(urlOf(server, 'register'), { method: 'POST', body: JSON.stringify(metadata) }),
      );
    },
    async client(server = 'current') {
      const { json } = await self.register(undefined, server);
      const secret = json['client_secret'];
      return { server, id: textAt(json['client_id']), secret: secret && textAt(secret) };
    },
    authorize(client, bend = {}) {
      const query = parametersOf({
        response_type: 'code',
        client_id: client.id,
        redirect_uri: CALLBACK,
        code_challenge: CHALLENGE,
        code_challenge_method: 'S256',
        state: 'some-state',
        scope: V2,
        resource: `${base.url}/v2/mcp`,
        ...bend,
      });
      return fetch(`${urlOf(client.server, 'authorize')}?${query.toString()}`, { redirect: 'manual' });
    },
    async callback(client, bend) {
      return callbackOf(await self.authorize(client, bend));
    },
    async token({ id, secret, server }, { authorization, ...form }) {
      const body = parametersOf({ client_id: id, client_secret: secret, ...form });
      const headers = authorization === undefined ? {} : { authorization };
      return outcomeOf(await fetch(urlOf(server, 'token'), { method: 'POST', body, headers }));
    },
    redeem: (client, code, bend = {}) =>
      self.token(client, {
        grant_type: 'authorization_code',
        redirect_uri: CALLBACK,
        code_verifier: VERIFIER,
        code,
        ...bend,
      }),
    refresh: (client, refreshToken, bend = {}) =>
      self.token(client, { grant_type: 'refresh_token', refresh_token: refreshToken, ...bend }),
    async connect(server = 'current', bend = {}) {
      const client = await self.client(server);
      const code = (await self.callback(client, bend)).get('code') ?? '';
      const answer = (await self.redeem(client, code)).json;
      const auth = `Bearer ${textAt(answer['access_token'])}`;
      return { client, code, auth, answer, refreshToken: textAt(answer['refresh_token'] ?? '') };
    },
  };
  return self;
}

/** The parameters of the redirect that a response carries. */
export function callbackOf(response: Response): URLSearchParams {
  const location = response.headers.get('location');
  if (location === null) throw new Error(`no redirect but ${response.status}`);
  if (!location.startsWith(CALLBACK)) throw new Error('a redirect to somewhere else');
  return new URL(location).searchParams;
}

interface Paths {
  readonly metadata: string;
  readonly register: string;
  readonly authorize: string;
  readonly token: string;
}

const PATHS: Readonly<Record<Server, Paths>> = {
  current: {
    metadata: '/.well-known/oauth-authorization-server/emulated',
    register: '/emulated/dcr/register',
    authorize: '/authorize',
    token: '/oauth/token',
  },
  old: {
    metadata: '/.well-known/oauth-authorization-server',
    register: '/v1/register',
    authorize: '/v1/authorize',
    token: '/v1/token',
  },
};

export function parametersOf(values: Parameters): URLSearchParams {
  const given = Object.entries(values).filter((row): row is [string, string] => row[1] !== undefined);
  return new URLSearchParams(given);
}

async function outcomeOf(response: Response): Promise<Outcome> {
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    json: (text.startsWith('{') ? JSON.parse(text) : {}) as Json,
  };
}
