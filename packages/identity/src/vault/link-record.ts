import type { Grant } from '../atlassian/grant.ts';

/** How a person's account opens a site: by a consent, or by an API token that the person pasted. */
export type LinkKind = 'oauth' | 'token';

/** One linked credential's place: nobody else's, and for no other site or kind (I1). */
export interface LinkName {
  readonly person: string;
  readonly cloudId: string;
  readonly kind: LinkKind;
}

/** Whose Atlassian account a link is. */
export interface LinkedAccount {
  readonly accountId?: string;
  readonly email?: string;
  readonly displayName?: string;
}

/** What opens the site. A token's `authorization` is the whole header; `expiresAt` is in milliseconds since 1970. */
export type LinkSecret =
  | { readonly kind: 'oauth'; readonly grant: Grant }
  | { readonly kind: 'token'; readonly authorization: string; readonly expiresAt?: number };

/** What is stored, sealed. Times are milliseconds since 1970. */
export interface LinkRecord {
  readonly v: 1;
  /** Random, of this link alone: a credential that is linked anew is another one. */
  readonly id: string;
  readonly account: LinkedAccount;
  readonly scopes: readonly string[];
  readonly linkedAt: number;
  readonly status: 'ok' | 'needs-reconnect';
  readonly secret: LinkSecret;
}

/** When the link's own end is known: an API token's date. A grant ends when it can no longer be renewed. */
export function endOf({ secret }: LinkRecord): number | undefined {
  if (secret.kind === 'token') return secret.expiresAt;
  return secret.grant.refreshToken === undefined ? secret.grant.expiresAt : undefined;
}

/** What a link says about itself when nobody tells it otherwise. */
export function statusAt(record: LinkRecord, now: number): LinkRecord['status'] {
  return now >= (endOf(record) ?? Infinity) ? 'needs-reconnect' : record.status;
}

/** A token in its last fifth is renewed. */
const LATE_PART = 0.2;

/** When a grant's access token has a fifth of its life left; never for what cannot be renewed. */
export function dueAt({ secret }: LinkRecord): number {
  if (secret.kind !== 'oauth' || secret.grant.refreshToken === undefined) return Infinity;
  const { issuedAt, expiresAt } = secret.grant;
  return expiresAt - (expiresAt - issuedAt) * LATE_PART;
}
