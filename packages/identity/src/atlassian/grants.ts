import { refreshTokenGrant, tokenRevocation } from 'openid-client';

import type { SafeFetch } from '../egress/safe-fetch.ts';
import type { AuthorizationServers } from './authorization-servers.ts';
import type { ClientRegistration } from './client-registration.ts';
import type { Grant, Grants, GrantTokens } from './grant.ts';
import { configurationOf, exchangeError, refusalOf, tokensOf } from './token-requests.ts';

/** What keeping a grant alive needs. */
export interface GrantsOptions {
  readonly servers: AuthorizationServers;
  readonly registration: ClientRegistration;
  readonly now: () => number;
}

/** Keeps grants alive and ends them, each with the client that it was given to. */
export function createGrants({ servers, registration, now }: GrantsOptions): Grants {
  async function refresh(grant: Grant, signal?: AbortSignal): Promise<GrantTokens | 'ended'> {
    const { issuer, client, resource, refreshToken, scopes } = grant;
    if (refreshToken === undefined) return 'ended';
    const fetch = within(servers.fetchFor(resource), signal);
    const server = await servers.describe(issuer, fetch);
    try {
      const configuration = configurationOf(server, { client, fetch });
      const said = await refreshTokenGrant(configuration, refreshToken, { resource });
      // A server that does not rotate sends no new one: the old one stays.
      return { refreshToken, ...tokensOf(said, { asked: scopes, now: now() }) };
    } catch (error) {
      if (await isEnd(refusalOf(error), grant)) return 'ended';
      return exchangeError(error, new URL(issuer).host);
    }
  }

  async function isEnd(refusal: ReturnType<typeof refusalOf>, { issuer, client }: Grant): Promise<boolean> {
    if (refusal?.code === 'invalid_grant') return true;
    // Atlassian says this of a refresh token that was used or has expired, too.
    if (refusal?.code === 'unauthorized_client') return /refresh.?token/i.test(refusal.words);
    return refusal?.code === 'invalid_client' && registration.forget(issuer, client);
  }

  async function revoke({ issuer, client, resource, refreshToken, accessToken }: Grant): Promise<void> {
    const fetch = servers.fetchFor(resource);
    const server = await servers.describe(issuer, fetch);
    if (server.revocation_endpoint === undefined) return;
    const configuration = configurationOf(server, { client, fetch });
    await tokenRevocation(configuration, refreshToken ?? accessToken).catch((error: unknown) =>
      exchangeError(error, new URL(issuer).host),
    );
  }

  return { refresh, revoke };
}

function within(fetch: SafeFetch, signal: AbortSignal | undefined): SafeFetch {
  if (!signal) return fetch;
  const bounded = (url: string, init: Parameters<SafeFetch>[1] = {}): Promise<Response> =>
    fetch(url, { ...init, signal: init.signal ? AbortSignal.any([init.signal, signal]) : signal });
  return Object.assign(bounded, { close: fetch.close });
}
