import { timingSafeEqual } from 'node:crypto';

import { type Picks, Secret } from '@switchyard/catalogue';

import { type ServiceAccount, serviceCredential } from '../outbound/service-credential.ts';
import { type KeyRing, openRecord, sealRecord } from '../state/envelope.ts';
import type { EnrolledToken, TokenRequest, VerifiedEnrolledToken } from './enrolled-token.ts';

/** A token as it is stored, sealed: the keyed hash of its secret, never the secret. */
export interface TokenRecord extends Omit<EnrolledToken, 'picks' | 'actsAs' | 'lastUsedAtMs'> {
  readonly hash: string;
  readonly sites?: readonly string[];
  readonly products?: NonNullable<Picks['products']>;
  readonly readOnly?: boolean;
  readonly account?:
    | { readonly email: string; readonly apiToken: string }
    | { readonly serviceAccountKey: string };
}

/** What the record is and whose: it opens as nothing else. */
const boundTo = (id: string): readonly string[] => ['enrolled-token', id];

export function sealToken(keys: KeyRing, record: TokenRecord): string {
  return sealRecord(keys, boundTo(record.id), JSON.stringify(record));
}

/** Undefined for what was changed, or belongs to another token. */
export function openToken(keys: KeyRing, id: string, sealed: string): TokenRecord | undefined {
  const text = openRecord(keys, boundTo(id), sealed);
  return text === undefined ? undefined : (JSON.parse(text) as TokenRecord);
}

/** Compares in constant time. */
export function isHashOf({ hash }: TokenRecord, presented: string): boolean {
  const [stored, given] = [Buffer.from(hash), Buffer.from(presented)];
  return stored.length === given.length && timingSafeEqual(stored, given);
}

/** The record of a request that was checked. */
export function recordOf(
  request: TokenRequest,
  made: Pick<TokenRecord, 'id' | 'hash' | 'createdAtMs'>,
): TokenRecord {
  const { name, owner, role = 'caller', sites, products, readOnly, ttlMs, actsAs } = request;
  return {
    ...made,
    name: name.trim(),
    role,
    expiresAtMs: made.createdAtMs + ttlMs,
    ...(owner !== undefined && { owner: owner.toLowerCase() }),
    ...(sites && { sites: sites.map((site) => site.toLowerCase()) }),
    ...(products && { products }),
    ...(readOnly !== undefined && { readOnly }),
    ...(actsAs && { account: plainAccount(actsAs) }),
  };
}

/** The text of a secret is taken out to be encrypted, here and nowhere else. */
function plainAccount(account: ServiceAccount): NonNullable<TokenRecord['account']> {
  if ('serviceAccountKey' in account) return { serviceAccountKey: plain(account.serviceAccountKey) };
  return { email: account.email, apiToken: plain(account.apiToken) };
}

function plain(secret: string | Secret): string {
  return secret instanceof Secret ? secret.reveal() : secret;
}

/** What may be shown: nothing of the secrets. */
export function describeToken(record: TokenRecord, lastUsedAtMs?: number): EnrolledToken {
  const { hash: _hash, sites, products, readOnly, account, ...facts } = record;
  return {
    ...facts,
    picks: {
      ...(sites && { cloudIds: new Set(sites) }),
      ...(products && { products }),
      ...(readOnly !== undefined && { readOnly }),
    },
    actsAs: kindOf(account),
    ...(lastUsedAtMs !== undefined && { lastUsedAtMs }),
  };
}

/** With what opens personal sites. */
export function verifiedToken(record: TokenRecord, credentialKey: Uint8Array): VerifiedEnrolledToken {
  const { account } = record;
  return { ...describeToken(record), credential: account && serviceCredential(account, credentialKey) };
}

function kindOf(account: TokenRecord['account']): EnrolledToken['actsAs'] {
  if (account === undefined) return 'none';
  return 'serviceAccountKey' in account ? 'service-account' : 'account';
}
