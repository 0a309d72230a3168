import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  randomPKCECodeVerifier,
} from 'openid-client';

import type { AuthorizationServers } from './authorization-servers.ts';
import type { ClientRegistration } from './client-registration.ts';
import { type Challenge, discoverResource } from './discovery.ts';
import type { Grant } from './grant.ts';
import type { LinkAttempts } from './link-attempts.ts';
import type { ServerMetadata } from './server-metadata.ts';
import { configurationOf, exchangeError, tokensOf } from './token-requests.ts';

/** Who wants to link which site, and in which browser: the answer counts for the same three only. */
interface LinkAttempt {
  readonly endpoint: string;
  readonly cloudId: string;
  /** The browser and the person, in words that nobody else has. */
  readonly bound: readonly string[];
  /** What an earlier answer of the endpoint asked for. */
  readonly challenge?: Challenge;
  /** Scopes that the grant already has: they are asked for again (MCP 2026-07-28, step-up). */
  readonly scopes?: readonly string[];
}

/** A grant as it was given: not yet known to be for the right site. */
interface FreshGrant {
  readonly cloudId: string;
  readonly grant: Grant;
  /** What was asked for and not given. */
  readonly missingScopes: readonly string[];
}

/** Asks people for consent: the authorization code grant with PKCE. Throws `LinkError`, and the state's errors. */
export interface Consents {
  /** Where to send the browser. The attempt is good for 10 minutes and one answer. */
  begin(attempt: LinkAttempt): Promise<string>;
  /** Takes the parameters that the browser came back with. */
  finish(answer: URLSearchParams, bound: readonly string[]): Promise<FreshGrant>;
}

/** What a consent needs; `callbackUrl` is all that codes are sent to. */
export interface ConsentsOptions {
  readonly servers: AuthorizationServers;
  readonly registration: ClientRegistration;
  readonly attempts: LinkAttempts;
  readonly callbackUrl: string;
  readonly now: () => number;
}

export function createConsents({
  servers,
  registration,
  attempts,
  callbackUrl,
  now,
}: ConsentsOptions): Consents {
  async function begin({ endpoint, cloudId, bound, challenge, scopes = [] }: LinkAttempt): Promise<string> {
    const fetch = servers.fetchFor(endpoint);
    const found = await discoverResource(endpoint, { fetch, ...(challenge && { challenge }) });
    const { issuer, resource } = found;
    const server = await servers.describe(issuer, fetch);
    const client = await registration.clientFor(server, fetch);
    const asked = scopesToAsk(server, [...scopes, ...(challenge?.scopes ?? found.scopes ?? [])]);
    const verifier = randomPKCECodeVerifier();
    const pending = { cloudId, issuer, client, resource, scopes: asked, verifier };
    return buildAuthorizationUrl(configurationOf(server, { client, fetch }), {
      redirect_uri: callbackUrl,
      state: await attempts.remember(pending, bound),
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      resource,
      ...(asked.length > 0 && { scope: asked.join(' ') }),
    }).href;
  }

  async function finish(answer: URLSearchParams, bound: readonly string[]): Promise<FreshGrant> {
    const token = answer.get('state') ?? '';
    const { cloudId, issuer, client, resource, scopes, verifier } = await attempts.take(token, bound);
    const fetch = servers.fetchFor(resource);
    const server = await servers.describe(issuer, fetch);
    const url = new URL(callbackUrl);
    url.search = answer.toString();
    const checks = { expectedState: token, pkceCodeVerifier: verifier };
    const said = await authorizationCodeGrant(configurationOf(server, { client, fetch }), url, checks, {
      resource,
    }).catch((error: unknown) => exchangeError(error, new URL(issuer).host));
    const tokens = tokensOf(said, { asked: scopes, now: now() });
    const missingScopes = scopes.filter((scope) => !tokens.scopes.includes(scope));
    return { cloudId, grant: { issuer, client, resource, ...tokens }, missingScopes };
  }

  return { begin, finish };
}

const OFFLINE = 'offline_access';

function scopesToAsk(
  { scopes_supported: offered = [] }: ServerMetadata,
  scopes: readonly string[],
): string[] {
  // Without it there is no refresh token (SEP-2207); a server that does not list it would refuse it.
  return [...new Set([...scopes, ...(offered.includes(OFFLINE) ? [OFFLINE] : [])])];
}
