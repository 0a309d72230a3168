import {
  allowInsecureRequests,
  AuthorizationResponseError,
  type ClientAuth,
  ClientSecretPost,
  Configuration,
  customFetch,
  None,
  ResponseBodyError,
  type TokenEndpointResponse,
} from 'openid-client';

import type { SafeFetch } from '../egress/safe-fetch.ts';
import { IdentityError } from '../errors.ts';
import { isAboutDomain } from './client-registration.ts';
import { isScope, toLinkError } from './discovery.ts';
import type { GrantTokens, OauthClient } from './grant.ts';
import { LinkError } from './link-error.ts';
import type { ServerMetadata } from './server-metadata.ts';

/** A server and the client that talks to it, for openid-client. Every request goes through `fetch`. */
export function configurationOf(
  server: ServerMetadata,
  { client, fetch }: { readonly client: OauthClient; readonly fetch: SafeFetch },
): Configuration {
  const configuration = new Configuration(
    { ...server, scopes_supported: [...(server.scopes_supported ?? [])] } as never,
    client.clientId,
    undefined,
    authenticationOf(client),
  );
  configuration[customFetch] = (url, { method, headers, body, signal }) =>
    fetch(url, {
      method,
      headers,
      ...(body instanceof URLSearchParams || typeof body === 'string' ? { body: String(body) } : {}),
      ...(signal && { signal }),
    });
  // What may be asked by plain http is for `fetch` to decide; the library knows https alone.
  if (server.token_endpoint.startsWith('http:')) allowInsecureRequests(configuration);
  return configuration;
}

function authenticationOf({ clientId, secret, authentication }: OauthClient): ClientAuth {
  if (secret === undefined) return None();
  if (authentication === 'client_secret_post') return ClientSecretPost(secret);
  const pair = `${formEncoded(clientId)}:${formEncoded(secret)}`;
  const header = `Basic ${Buffer.from(pair).toString('base64')}`;
  return (...[, , , headers]) => headers.set('authorization', header);
}

/**
 * RFC 6749, section 2.3.1. The library's own way encodes `-`, `.` and `_` too, which is allowed, and which servers that
 * decode nothing refuse (the official conformance suite is one).
 */
function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}

/** Seen on Atlassian's servers (mcphub #504); for one that does not say how long. */
const USUAL_LIFE_SECONDS = 3_300;
/** What a header can carry, with room for all others. */
const TOKEN = /^[\x21-\x7e]{1,12288}$/;

/** Throws `LinkError` `exchange_refused` for tokens that no header could carry. */
export function tokensOf(
  said: TokenEndpointResponse,
  { asked, now }: { readonly asked: readonly string[]; readonly now: number },
): GrantTokens {
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds, scope } = said;
  if (!TOKEN.test(accessToken) || (refreshToken !== undefined && !TOKEN.test(refreshToken)))
    throw new LinkError('exchange_refused', 'The authorization server gave a token that is none');
  const life = seconds !== undefined && seconds > 0 ? seconds : USUAL_LIFE_SECONDS;
  return {
    accessToken,
    ...(refreshToken !== undefined && { refreshToken }),
    scopes: scope === undefined ? asked : scope.split(' ').filter(isScope),
    issuedAt: now,
    expiresAt: now + life * 1_000,
  };
}

/** How a token endpoint refused; undefined when it was no answer of that kind, or a passing one. */
export function refusalOf(error: unknown): { readonly code: string; readonly words: string } | undefined {
  if (!(error instanceof ResponseBodyError) || error.status >= 500 || error.status === 429) return undefined;
  return { code: error.error, words: error.error_description ?? '' };
}

/**
 * What went wrong in the exchange of a code, as a `LinkError`. The library's own errors hold the code and the whole
 * answer: they are never passed on (I5).
 */
export function exchangeError(error: unknown, host: string): never {
  if (error instanceof LinkError) throw error;
  if (error instanceof AuthorizationResponseError) throw authorizationError(error, host);
  if (refusalOf(error)) throw new LinkError('exchange_refused', `${host} did not take the code`);
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  if (cause instanceof IdentityError) return toLinkError(cause);
  if (error instanceof ResponseBodyError || isTrouble(cause))
    throw new LinkError('unreachable', `${host} gave no tokens just now`);
  throw new LinkError('answer_refused', `The answer is not one that ${host} may give`);
}

function isTrouble(cause: unknown): boolean {
  return cause instanceof Response && (cause.status >= 500 || cause.status === 429);
}

function authorizationError(
  { error, error_description }: AuthorizationResponseError,
  host: string,
): LinkError {
  if (error === 'access_denied' && !isAboutDomain({ error_description }))
    return new LinkError('denied', `${host} was told no`);
  if (isAboutDomain({ error, error_description }))
    return new LinkError('domain_refused', `${host} does not let Switchyard's address connect`);
  return new LinkError('exchange_refused', `${host} ended the attempt`);
}
