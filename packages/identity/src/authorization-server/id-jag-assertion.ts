import { createRemoteJWKSet, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from 'jose';

import { errors } from './oidc-library.ts';
import { discoverProvider } from './provider-discovery.ts';
import { hashedId, type Safe } from './sealed-records.ts';

/** Judges an assertion made for a client, once. Rejects with `invalid_grant`. */
export type VerifyAssertion = (assertion: string, clientId: string) => Promise<JWTPayload>;

export interface VerifyAssertionOptions extends Pick<Safe, 'state'> {
  /** The audience that assertions must name. */
  readonly issuer: string;
  /** OpenID Connect issuers whose assertions are believed. */
  readonly issuers: readonly string[];
  readonly now: () => number;
}

const ALGORITHMS = ['ES256', 'RS256', 'PS256', 'EdDSA'];
const TIMEOUT_MS = 5_000;
/** Assertions are made to be used at once; it also bounds how long a used one must be remembered. */
const MAX_AGE_SECONDS = 600;
const REMEMBERED_BEYOND_SECONDS = 60;

/** The rules of draft-ietf-oauth-identity-assertion-authz-grant on the assertion itself. */
export function createVerifyAssertion({
  issuer,
  issuers,
  state,
  now,
}: VerifyAssertionOptions): VerifyAssertion {
  const keySets = new Map(issuers.map((each) => [each, createIssuerKeys(each)]));

  const findKey: JWTVerifyGetKey = async (header, token) => {
    const keySet = await keySets.get(issuerOf(token.payload))?.();
    if (!keySet) throw new errors.InvalidGrant('unknown issuer');
    return keySet(header, token);
  };

  async function claimsOf(assertion: string): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(assertion, findKey, {
        audience: issuer,
        issuer: [...issuers],
        typ: 'oauth-id-jag+jwt',
        algorithms: ALGORITHMS,
        requiredClaims: ['exp', 'iat', 'jti', 'sub', 'client_id', 'resource'],
        maxTokenAge: MAX_AGE_SECONDS,
        currentDate: new Date(now()),
      });
      return payload;
    } catch (cause) {
      throw new errors.InvalidGrant({ cause });
    }
  }

  return async (assertion, clientId) => {
    const claims = await claimsOf(assertion);
    const { exp = 0, aud, jti, iss, client_id: madeFor } = claims;
    const remainingSeconds = exp - now() / 1_000;
    if (typeof aud !== 'string' || madeFor !== clientId) throw new errors.InvalidGrant();
    if (remainingSeconds > MAX_AGE_SECONDS) throw new errors.InvalidGrant('it lasts too long');
    const first = await state.put(`oauth:id-jag:${hashedId(JSON.stringify([iss, jti]))}`, '', {
      ttlMs: (remainingSeconds + REMEMBERED_BEYOND_SECONDS) * 1_000,
      ifVersion: 0,
    });
    if (!first) throw new errors.InvalidGrant('already used');
    return claims;
  };
}

/** The keys of an issuer: where they are is asked once, and the keys themselves again when an unknown one is used. */
function createIssuerKeys(issuer: string): () => Promise<JWTVerifyGetKey> {
  let found: JWTVerifyGetKey | undefined;

  async function discover(): Promise<JWTVerifyGetKey> {
    const config = await discoverProvider({ issuer, clientId: 'switchyard' });
    const { jwks_uri: keysUrl } = config.serverMetadata();
    if (keysUrl === undefined) throw new errors.InvalidGrant('no keys');
    return createRemoteJWKSet(new URL(keysUrl), { timeoutDuration: TIMEOUT_MS });
  }

  return async () => (found ??= await discover());
}

/** Read before the signature is checked, to choose the key to check it with. */
function issuerOf(payload: string | Uint8Array): string {
  try {
    const encoded = Buffer.from(payload).toString('latin1');
    const { iss } = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8')) as { iss?: unknown };
    return typeof iss === 'string' ? iss : '';
  } catch {
    return '';
  }
}
