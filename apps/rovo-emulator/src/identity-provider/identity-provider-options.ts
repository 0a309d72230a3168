// What a caller tells an identity provider, and what it may change while it runs.
import type { JsonObject } from '../json-value.ts';

/** Somebody who can sign in. */
export interface Person {
  readonly sub: string;
  readonly email?: string;
  /** Default true. */
  readonly emailVerified?: boolean;
  readonly name: string;
  readonly groups?: readonly string[];
  /** More claims, such as Entra's `tid` and `oid`. */
  readonly claims?: JsonObject;
}

/** A program that people sign in to. */
export interface RelyingParty {
  readonly clientId: string;
  /** Absent for a public client. Basic and post are both accepted. */
  readonly clientSecret?: string;
  readonly redirectUris: readonly string[];
}

/** Answers that a relying party must refuse: what is wrong with them. */
export type ForgedAnswer =
  // the ID token
  | 'nonce'
  | 'no-nonce'
  | 'issuer'
  | 'audience'
  | 'more-audiences'
  | 'no-subject'
  | 'expired'
  | 'not-yet-valid'
  | 'signature'
  | 'alg-none'
  | 'alg-hs256'
  | 'no-id-token'
  // the callback
  | 'callback-issuer'
  | 'callback-state'
  // userinfo
  | 'userinfo-subject';

/** Behaviour that can be switched while the identity provider runs. */
export interface IdentityProviderSettings {
  /** `sub` or e-mail of who signs in without a page; null asks, unless `login_hint` names somebody. */
  autoSignIn: string | null;
  /** `overage` names the groups in `_claim_names` only, as Entra does for people in very many groups. */
  groups: 'claim' | 'omitted' | 'overage';
  /** What `email_verified` says: the person's own, false for everybody, or nothing at all as Entra does. */
  emailVerified: 'own' | 'false' | 'omitted';
  /** Google's hosted domain. */
  hd: string | null;
  forge: ForgedAnswer | null;
}

/** What an identity provider is built with. */
export interface IdentityProviderOptions {
  readonly people: readonly Person[];
  readonly clients?: readonly RelyingParty[];
  readonly settings?: Partial<IdentityProviderSettings>;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default any free one. */
  readonly port?: number;
  /** Milliseconds since the epoch, for the times in ID tokens; by default the system's clock. */
  readonly now?: () => number;
}

/** Settings of an identity provider that was told nothing. */
export const DEFAULT_IDENTITY_PROVIDER_SETTINGS: Readonly<IdentityProviderSettings> = {
  autoSignIn: null,
  groups: 'claim',
  emailVerified: 'own',
  hd: null,
  forge: null,
};
