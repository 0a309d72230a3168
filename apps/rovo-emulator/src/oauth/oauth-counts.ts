/** How often each OAuth endpoint was asked, refused requests included. */
export interface OAuthCounts {
  readonly registrations: number;
  readonly authorizations: number;
  /** Token requests with anything but a refresh token. */
  readonly codeRequests: number;
  readonly refreshRequests: number;
  readonly revocations: number;
}

/** Counts requests. */
export interface OAuthCounter {
  add(what: keyof OAuthCounts): void;
  counts(): OAuthCounts;
  clear(): void;
}

const NONE: OAuthCounts = {
  registrations: 0,
  authorizations: 0,
  codeRequests: 0,
  refreshRequests: 0,
  revocations: 0,
};

/** A counter at zero. */
export function createOAuthCounter(): OAuthCounter {
  let counts = NONE;
  return {
    add(what) {
      counts = { ...counts, [what]: counts[what] + 1 };
    },
    counts: () => counts,
    clear() {
      counts = NONE;
    },
  };
}
