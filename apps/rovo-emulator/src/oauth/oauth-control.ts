// What tests and the demo can do to the OAuth side of a running emulator.
import type { OAuthCounter, OAuthCounts } from './oauth-counts.ts';
import type { OAuthGrant, OAuthGrants } from './oauth-grants.ts';

/** Run-time control of grants and tokens; nothing of it shows a secret. */
export interface OAuthControl {
  /** Grants in force, oldest first. */
  grants(): readonly OAuthGrant[];
  /** Kills a grant with all its tokens; false when there is none. */
  revokeGrant(id: string): boolean;
  /** Ends every access token now, refresh tokens stay; answers how many ended. */
  expireAccessTokens(): number;
  counts(): OAuthCounts;
  clearCounts(): void;
}

/** Builds the control of a set of grants. */
export function createOAuthControl(grants: OAuthGrants, counter: OAuthCounter): OAuthControl {
  return {
    grants: () => grants.list(),
    revokeGrant: (id) => grants.revokeGrant(id),
    expireAccessTokens: () => grants.expireAccessTokens(),
    counts: () => counter.counts(),
    clearCounts: () => counter.clear(),
  };
}
