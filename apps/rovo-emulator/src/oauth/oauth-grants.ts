// Codes, grants and tokens: what was consented to, and what opens it for how long.
import { createHash, randomBytes, randomUUID } from 'node:crypto';

import { BoundedMap } from '../bounded-map.ts';
import type { Generation } from '../emulator-options.ts';
import type { ServerKind } from './authorization-server.ts';
import { OAuthError } from './oauth-error.ts';
import type { OAuthSettings } from './oauth-settings.ts';

/** What one consent allows: one client, one account, one site. */
interface Consent {
  readonly server: ServerKind;
  readonly clientId: string;
  readonly accountId: string;
  readonly cloudId: string;
  /** Absent means every scope. */
  readonly scopes?: readonly string[];
  /** The MCP URL that was asked for, if any. */
  readonly resource?: string;
  readonly generation: Generation;
}

/** A consent that was redeemed. */
export interface OAuthGrant extends Consent {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly refreshes: number;
}

/** What a code is bound to. */
interface CodeBinding {
  readonly consent: Consent;
  readonly redirectUri: string;
  /** S256 */
  readonly challenge: string;
}

/** What a client shows for a code. */
interface CodeProof {
  readonly code: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly verifier: string;
  /** Must be the consent's own, where both name one. */
  readonly resource: string | undefined;
}

/** What a client shows for a new pair. */
interface RefreshProof {
  readonly refreshToken: string;
  readonly clientId: string;
  readonly resource: string | undefined;
}

/** What the token endpoint answers with. */
export interface IssuedTokens {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  /** Seconds. */
  readonly expires_in: number;
  readonly refresh_token?: string;
  readonly scope?: string;
}

/** The grants of an emulator. Methods that take a proof throw OAuthError `invalid_grant` or `invalid_target`. */
export interface OAuthGrants {
  issueCode(binding: CodeBinding): string;
  /** Once; a second time kills what the first one gave. */
  redeemCode(proof: CodeProof): IssuedTokens;
  /** A new pair; the old refresh token is used up, and using it again kills the grant. */
  refresh(proof: RefreshProof): IssuedTokens;
  /** RFC 7009: a refresh token takes its grant along; unknown tokens are none of anybody's business. */
  revokeToken(token: string, clientId: string): void;
  revokeGrant(id: string): boolean;
  expireAccessTokens(): number;
  list(): readonly OAuthGrant[];
  /** What an access token opens; undefined when it was never issued or its grant is gone. */
  find(accessToken: string): { readonly grant: OAuthGrant; readonly expired: boolean } | undefined;
}

interface CodeRecord extends CodeBinding {
  readonly expiresAt: number;
  grantId?: string;
}

interface AccessRecord {
  readonly grantId: string;
  expiresAt: number;
}

interface RefreshRecord {
  readonly grantId: string;
  readonly expiresAt: number;
  rotatedAt?: number;
}

const MOST_CODES = 1_000;
const MOST_GRANTS = 10_000;
const MOST_TOKENS = 100_000;
const CODE_MS = 60_000;
/** Grants end after 90 days without a refresh. */
const REFRESH_IDLE_MS = 90 * 86_400_000;

/** Keeps grants in memory, bounded in number; `now` is a clock in milliseconds. */
export function createOAuthGrants(settings: Readonly<OAuthSettings>, now: () => number): OAuthGrants {
  const shelf: Shelf = {
    settings,
    now,
    codes: new BoundedMap(MOST_CODES),
    grants: new BoundedMap(MOST_GRANTS),
    accessTokens: new BoundedMap(MOST_TOKENS),
    refreshTokens: new BoundedMap(MOST_TOKENS),
  };
  const { codes, grants, accessTokens } = shelf;
  return {
    issueCode(binding) {
      const code = secret();
      codes.set(code, { ...binding, expiresAt: now() + CODE_MS });
      return code;
    },
    redeemCode: (proof) => redeemCode(proof, shelf),
    refresh: (proof) => refresh(proof, shelf),
    revokeToken: (token, clientId) => revokeToken(token, clientId, shelf),
    revokeGrant: (id) => grants.delete(id),
    expireAccessTokens() {
      const alive = [...accessTokens.values()].filter(
        ({ grantId, expiresAt }) => grants.has(grantId) && expiresAt > now(),
      );
      for (const record of alive) record.expiresAt = now();
      return alive.length;
    },
    list: () => [...grants.values()],
    find(accessToken) {
      const record = accessTokens.get(accessToken);
      const grant = grants.get(record?.grantId ?? '');
      if (record === undefined || grant === undefined) return undefined;
      return { grant, expired: now() >= record.expiresAt };
    },
  };
}

/** All that is remembered. */
interface Shelf {
  readonly settings: Readonly<OAuthSettings>;
  readonly now: () => number;
  readonly codes: Map<string, CodeRecord>;
  readonly grants: Map<string, OAuthGrant>;
  readonly accessTokens: Map<string, AccessRecord>;
  readonly refreshTokens: Map<string, RefreshRecord>;
}

function redeemCode(proof: CodeProof, shelf: Shelf): IssuedTokens {
  const { codes, grants, now } = shelf;
  const record = codes.get(proof.code);
  if (record?.grantId !== undefined) {
    grants.delete(record.grantId);
    throw new OAuthError('invalid_grant', 'The code was used before; its grant is revoked.');
  }
  if (record === undefined || now() >= record.expiresAt || record.consent.clientId !== proof.clientId) {
    throw new OAuthError('invalid_grant', 'The code is unknown, expired or of another client.');
  }
  if (record.redirectUri !== proof.redirectUri || record.challenge !== challengeOf(proof.verifier)) {
    throw new OAuthError('invalid_grant', 'redirect_uri or code_verifier do not fit the code.');
  }
  checkResource(record.consent, proof.resource);
  const grant = { ...record.consent, id: randomUUID(), createdAt: now(), refreshes: 0 };
  record.grantId = grant.id;
  grants.set(grant.id, grant);
  return issue(grant, shelf);
}

function refresh({ refreshToken, clientId, resource }: RefreshProof, shelf: Shelf): IssuedTokens {
  const { refreshTokens, grants, settings, now } = shelf;
  const record = refreshTokens.get(refreshToken);
  const grant = grants.get(record?.grantId ?? '');
  if (record === undefined || grant?.clientId !== clientId || now() >= record.expiresAt) {
    throw new OAuthError('invalid_grant', 'Unknown or invalid refresh token.');
  }
  checkResource(grant, resource);
  const graceMs = settings.oauthRefreshGraceSeconds * 1000;
  if (record.rotatedAt !== undefined && now() - record.rotatedAt >= graceMs) {
    grants.delete(grant.id);
    throw new OAuthError('invalid_grant', 'The refresh token was used before; its grant is revoked.');
  }
  record.rotatedAt ??= now();
  grants.set(grant.id, { ...grant, refreshes: grant.refreshes + 1 });
  return issue(grant, shelf);
}

function revokeToken(token: string, clientId: string, shelf: Shelf): void {
  const { accessTokens, refreshTokens, grants } = shelf;
  const record = refreshTokens.get(token) ?? accessTokens.get(token);
  const grant = grants.get(record?.grantId ?? '');
  if (grant?.clientId !== clientId) return;
  if (!accessTokens.delete(token)) grants.delete(grant.id);
}

function issue(grant: OAuthGrant, { settings, now, accessTokens, refreshTokens }: Shelf): IssuedTokens {
  const seconds = settings.oauthAccessTokenSeconds;
  const accessToken = secret();
  accessTokens.set(accessToken, { grantId: grant.id, expiresAt: now() + seconds * 1000 });
  const refreshToken = mayRefresh(grant) ? secret() : undefined;
  if (refreshToken !== undefined) {
    refreshTokens.set(refreshToken, { grantId: grant.id, expiresAt: now() + REFRESH_IDLE_MS });
  }
  return {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: seconds,
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...(grant.scopes === undefined ? {} : { scope: grant.scopes.join(' ') }),
  };
}

function checkResource(consent: Consent, resource: string | undefined): void {
  if (resource === undefined || consent.resource === undefined || resource === consent.resource) return;
  throw new OAuthError('invalid_target', 'resource is not the one that was consented to.');
}

function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}

function mayRefresh({ server, scopes }: Consent): boolean {
  return server === 'current' && scopes?.includes('offline_access') !== false;
}
