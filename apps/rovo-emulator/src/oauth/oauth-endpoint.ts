// Atlassian's OAuth side over HTTP: metadata, registration, consent, tokens, revocation.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import type { EmulatorSettings } from '../emulator-options.ts';
import { type HttpReply, jsonReply, sendReply } from '../http-reply.ts';
import { readBody } from '../request-body.ts';
import type { Route } from '../route.ts';
import { parseJson } from '../rpc-message.ts';
import {
  type AuthorizationServer,
  authorizationServers,
  resourceMetadata,
  serverAt,
  serverMetadata,
} from './authorization-server.ts';
import { type ConsentParts, createAuthorizeEndpoint } from './authorize-endpoint.ts';
import type { RequestCheck } from './authorize-request.ts';
import { FORM_PATHS } from './consent-pages.ts';
import type { OAuthCounter } from './oauth-counts.ts';
import { OAuthError, oauthErrorReply } from './oauth-error.ts';
import type { TokenFailure } from './oauth-settings.ts';
import { answerRevocation, answerToken, type TokenRequest } from './token-endpoint.ts';

/** What the endpoint needs of the emulator. */
export interface OAuthParts extends ConsentParts {
  readonly settings: Readonly<EmulatorSettings>;
  readonly routeOf: (url: string) => Route | undefined;
  readonly counter: OAuthCounter;
  /** Last part of the path-scoped issuer; by default random. */
  readonly issuerPath: string | undefined;
  /** Aborted when the emulator closes. */
  readonly closing: AbortSignal;
}

/** Answers a request, or resolves false where the path is none of OAuth's. */
export type OAuthEndpoint = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

/** One HTTP request at an OAuth path. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly check: RequestCheck;
}

/** An answer; undefined when the connection was cut or hangs. */
type Handler = (exchange: Exchange) => Promise<HttpReply | undefined> | HttpReply;

const BODY_LIMIT_BYTES = 64 * 1024;
const FAILURES: Readonly<Record<'unavailable' | 'rate-limited', HttpReply>> = {
  unavailable: { status: 503, headers: { 'content-type': 'text/plain' }, body: 'Service Unavailable' },
  'rate-limited': { ...jsonReply(429, { error: 'rate_limited' }), headers: { 'retry-after': '1' } },
};

/** Builds the endpoint of both authorization servers. */
export function createOAuthEndpoint(parts: OAuthParts): OAuthEndpoint {
  const servers = authorizationServers(parts.issuerPath ?? randomBytes(24).toString('base64url'));
  const handlers = handlersFor(servers, parts);
  return async (request, response) => {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://emulator');
    const origin = `http://${request.headers.host ?? ''}`;
    const document =
      request.method === 'GET' ? metadataAt(pathname, origin, { ...parts, servers }) : undefined;
    if (document !== undefined) {
      sendReply(response, jsonReply(200, document));
      return true;
    }
    const found = handlers.get(`${request.method ?? ''} ${pathname}`);
    if (found === undefined) return false;
    const body = request.method === 'POST' ? await readBody(request, BODY_LIMIT_BYTES) : '';
    const check = { origin, server: found.server, routeOf: parts.routeOf, settings: parts.settings };
    const reply = await found.handle({ request, response, query, body: body ?? '', check });
    if (reply !== undefined) sendReply(response, reply);
    return true;
  };
}

type Servers = ReturnType<typeof authorizationServers>;

function metadataAt(
  path: string,
  origin: string,
  parts: OAuthParts & { readonly servers: Servers },
): unknown {
  const { servers, settings, routeOf } = parts;
  const server = serverAt(path, servers, settings.oauthMetadataPlace);
  if (server !== undefined) return serverMetadata(server, origin, settings);
  return resourceMetadata(path, origin, { routeOf, server: servers.current });
}

function handlersFor(
  servers: Servers,
  parts: OAuthParts,
): ReadonlyMap<string, { readonly server: AuthorizationServer; readonly handle: Handler }> {
  const { counter } = parts;
  const pages = createAuthorizeEndpoint(parts);
  const register: Handler = ({ body, check }) => {
    counter.add('registrations');
    return answerRegistration(body, check, parts);
  };
  const authorize: Handler = ({ query, check }) => {
    counter.add('authorizations');
    return pages.authorize(query, check);
  };
  const revoke: Handler = (exchange) => {
    counter.add('revocations');
    return answerRevocation(tokenRequestOf(exchange), parts);
  };
  const token: Handler = (exchange) => answerTokenOrFail(exchange, parts);
  const rows = Object.values(servers).flatMap((server) => [
    [`GET ${server.paths.authorize}`, { server, handle: authorize }] as const,
    [`POST ${server.paths.register}`, { server, handle: register }] as const,
    [`POST ${server.paths.token}`, { server, handle: token }] as const,
  ]);
  const { current } = servers;
  return new Map([
    ...rows,
    [`POST ${current.paths.revoke ?? ''}`, { server: current, handle: revoke }],
    [
      `POST ${FORM_PATHS.account}`,
      { server: current, handle: ({ body, check }) => pages.chooseAccount(new URLSearchParams(body), check) },
    ],
    [
      `POST ${FORM_PATHS.decision}`,
      { server: current, handle: ({ body, check }) => pages.decide(new URLSearchParams(body), check) },
    ],
  ]);
}

function answerRegistration(
  body: string,
  { server, settings }: RequestCheck,
  { clients }: OAuthParts,
): HttpReply {
  if (!settings.oauthRegistration) return jsonReply(404, { error: 'not_found' });
  try {
    return jsonReply(201, clients.register(server.kind, parseJson(body)));
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    return oauthErrorReply(error);
  }
}

async function answerTokenOrFail(exchange: Exchange, parts: OAuthParts): Promise<HttpReply | undefined> {
  const { settings, counter, closing } = parts;
  const request = tokenRequestOf(exchange);
  counter.add(request.form.get('grant_type') === 'refresh_token' ? 'refreshRequests' : 'codeRequests');
  // Read before the wait: what is set meanwhile concerns the requests that come then.
  const failure: TokenFailure = settings.oauthTokenFailure;
  if (settings.oauthTokenDelayMs > 0) {
    await delay(settings.oauthTokenDelayMs, undefined, { signal: closing });
  }
  switch (failure) {
    case 'none':
      return answerToken(request, parts);
    case 'hang':
      return undefined;
    case 'reset':
      exchange.request.socket.resetAndDestroy();
      return undefined;
    case 'answer-lost':
      await answerToken(request, parts);
      exchange.request.socket.resetAndDestroy();
      return undefined;
    case 'unavailable':
    case 'rate-limited':
      return FAILURES[failure];
  }
}

function tokenRequestOf({ request, body, check }: Exchange): TokenRequest {
  return { form: new URLSearchParams(body), authorization: request.headers.authorization, check };
}
