// Puts the OAuth side of the emulator together: what it serves, what its tokens open, how it is controlled.
import type { FindIssued } from '../credentials.ts';
import type { EmulatedAccount, EmulatedCredential } from '../emulator-options.ts';
import type { SiteDirectory } from '../site-directory.ts';
import { createOAuthClients } from './oauth-clients.ts';
import { createOAuthControl, type OAuthControl } from './oauth-control.ts';
import { createOAuthCounter } from './oauth-counts.ts';
import { createOAuthEndpoint, type OAuthEndpoint, type OAuthParts } from './oauth-endpoint.ts';
import { createOAuthGrants, type OAuthGrant } from './oauth-grants.ts';

/** What the OAuth side needs of the emulator. */
export type OAuthSideOptions = Pick<
  OAuthParts,
  'accounts' | 'settings' | 'routeOf' | 'now' | 'closing' | 'issuerPath'
> & { readonly sites: SiteDirectory };

/** The OAuth side of an emulator. */
export interface OAuthSide {
  readonly endpoint: OAuthEndpoint;
  readonly findIssued: FindIssued;
  readonly control: OAuthControl;
}

/** Builds the OAuth side; it holds everything in memory. */
export function createOAuthSide({ sites, ...options }: OAuthSideOptions): OAuthSide {
  const { accounts, settings, now } = options;
  const grants = createOAuthGrants(settings, now);
  const counter = createOAuthCounter();
  const accountsById = new Map(accounts.map((account) => [account.accountId, account]));
  return {
    control: createOAuthControl(grants, counter),
    endpoint: createOAuthEndpoint({
      ...options,
      grants,
      counter,
      clients: createOAuthClients(settings, now),
      sitesOf: (account) => sitesOf(account, sites),
    }),
    findIssued(token) {
      const found = grants.find(token);
      const account = accountsById.get(found?.grant.accountId ?? '');
      if (found === undefined || account === undefined) return undefined;
      return { account, credential: credentialOf(token, found) };
    },
  };
}

function sitesOf(account: EmulatedAccount, sites: SiteDirectory): ReturnType<SiteDirectory['reachableBy']> {
  return sites.reachableBy({ account, standing: 'full', listKey: account.accountId });
}

function credentialOf(
  secret: string,
  { grant, expired }: { readonly grant: OAuthGrant; readonly expired: boolean },
): EmulatedCredential {
  const { cloudId, scopes, generation } = grant;
  return {
    kind: 'oauth',
    secret,
    boundCloudId: cloudId,
    generation,
    expired,
    ...(scopes === undefined ? {} : { scopes }),
  };
}
