import type { Credential, Picks } from '@switchyard/catalogue';

import type { ServiceAccount } from '../outbound/service-credential.ts';

/** What a token may be used for: MCP as a caller, or the admin API. */
export type TokenRole = 'caller' | 'admin';

/** An enrolled token, without its secret and without the one that it acts with. Times are milliseconds since 1970. */
export interface EnrolledToken {
  /** 24 hex digits; says nothing about the secret. */
  readonly id: string;
  readonly name: string;
  /** E-mail address of whoever answers for it. */
  readonly owner?: string;
  readonly role: TokenRole;
  /** Only these sites and products, only reading: whatever the account could do besides. */
  readonly picks: Picks;
  /** Whose rights it has at Atlassian; `none`: it reaches shared sites only. */
  readonly actsAs: 'none' | 'account' | 'service-account';
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** Within a minute or so. */
  readonly lastUsedAtMs?: number;
}

/** A token that was presented and is good, with what opens personal sites for it. */
export interface VerifiedEnrolledToken extends EnrolledToken {
  readonly credential: Credential | undefined;
}

/** What an admin asks for. Everything but `name` and `ttlMs` may be left out. */
export interface TokenRequest {
  readonly name: string;
  readonly owner?: string | undefined;
  readonly role?: TokenRole | undefined;
  /** CloudIds; absent: every site. */
  readonly sites?: readonly string[] | undefined;
  readonly products?: Picks['products'] | undefined;
  readonly readOnly?: boolean | undefined;
  /** Milliseconds, from a minute to 366 days. */
  readonly ttlMs: number;
  readonly actsAs?: ServiceAccount | undefined;
}
