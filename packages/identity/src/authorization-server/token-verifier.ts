import type { Picks } from '@switchyard/catalogue';
import { createLocalJWKSet, errors, type JWTPayload, jwtVerify, type JWTVerifyGetKey } from 'jose';

import { IdentityError } from '../errors.ts';
import type { Person } from './people.ts';
import { SIGNING_ALGORITHM, type SigningKeys } from './signing-keys.ts';
import type { Standings } from './standings.ts';

/** What a valid access token says, with what stands behind it at this moment. */
export interface VerifiedToken {
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Milliseconds since 1970. */
  readonly expiresAtMs: number;
  readonly picks: Picks;
  /** Absent for a client that acts for itself (`client_credentials`). */
  readonly person?: Person;
  /** The connection; absent as above. */
  readonly grantId?: string;
}

/** Why a token is not taken: for the log and the metrics, never for who sent it. `unavailable` says nothing about the token. */
export type TokenFault = 'malformed' | 'invalid' | 'expired' | 'wrong_audience' | 'revoked' | 'unavailable';

/** What became of a token. */
export type TokenVerdict =
  | { readonly ok: true; readonly token: VerifiedToken }
  | { readonly ok: false; readonly fault: TokenFault };

/** Verifies an access token for one resource: the canonical URL of the place that is called. Never rejects. */
export type VerifyToken = (token: string, resource: string) => Promise<TokenVerdict>;

/** A client of the configuration that gets tokens without a person: what it may do, or undefined when there is no such client. */
export type MachineClients = (clientId: string) => { readonly picks: Picks } | undefined;

export interface TokenVerifierOptions {
  readonly issuer: string;
  readonly keys: SigningKeys;
  readonly standings: Pick<Standings, 'of' | 'isBlocked'>;
  readonly machines: MachineClients;
  /** The longest that a token may live. */
  readonly lifetimeSeconds: number;
  readonly now: () => number;
}

const MAX_TOKEN_LENGTH = 4_096;
/** A key of another replica may be unknown here; guesses must not turn into questions to the store. */
const RELOAD_EVERY_MS = 2_000;
const CLOCKS_DIFFER_MS = 60_000;
const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** The rules of RFC 9068 with everything pinned: one algorithm, one issuer, exactly one audience, a known connection. */
export function createTokenVerifier(options: TokenVerifierOptions): VerifyToken {
  const { issuer, keys, standings, machines, now, lifetimeSeconds } = options;
  const currentKeys = createKeyFinder(keys);

  async function payloadOf(token: string, resource: string): Promise<JWTPayload> {
    const rules = {
      issuer,
      audience: resource,
      algorithms: [SIGNING_ALGORITHM],
      typ: 'at+jwt',
      requiredClaims: ['exp', 'iat', 'jti', 'sub', 'client_id'],
      currentDate: new Date(now()),
    };
    try {
      return (await jwtVerify(token, currentKeys(), rules)).payload;
    } catch (error) {
      const stale = now() - keys.loadedAtMs() > RELOAD_EVERY_MS;
      if (!(error instanceof errors.JWKSNoMatchingKey) || !stale) throw error;
      await keys.reload();
      return (await jwtVerify(token, currentKeys(), rules)).payload;
    }
  }

  async function standing(payload: JWTPayload): Promise<VerifiedToken | undefined> {
    const { sub, sid, client_id: clientId, scope, exp = 0 } = payload;
    if (typeof clientId !== 'string' || !isWellFormed(payload, { nowMs: now(), lifetimeSeconds }))
      return undefined;
    if (await standings.isBlocked(clientId)) return undefined;
    const scopes = typeof scope === 'string' ? scope.split(' ') : [];
    const said = { clientId, scopes, expiresAtMs: exp * 1_000 };
    if (typeof sid === 'string') return ofPerson(sid, payload, said);
    const machine = sid === undefined && sub === clientId ? machines(clientId) : undefined;
    return machine && { ...said, picks: machine.picks };
  }

  async function ofPerson(
    grantId: string,
    { sub, aud }: JWTPayload,
    said: Pick<VerifiedToken, 'clientId' | 'scopes' | 'expiresAtMs'>,
  ): Promise<VerifiedToken | undefined> {
    const known = await standings.of(grantId);
    if (!known) return undefined;
    const { connection, person } = known;
    const same = person.id === sub && connection.clientId === said.clientId && connection.audience === aud;
    return same ? { ...said, picks: connection.picks, person, grantId } : undefined;
  }

  return async (token, resource) => {
    if (token.length > MAX_TOKEN_LENGTH || !COMPACT_JWS.test(token)) return { ok: false, fault: 'malformed' };
    try {
      const verified = await standing(await payloadOf(token, resource));
      return verified ? { ok: true, token: verified } : { ok: false, fault: 'revoked' };
    } catch (error) {
      return { ok: false, fault: faultOf(error) };
    }
  };
}

/** The public halves, in the form that `jose` looks keys up in; made anew when the keys change. */
function createKeyFinder(keys: SigningKeys): () => JWTVerifyGetKey {
  let known: { readonly id: string; readonly find: JWTVerifyGetKey } | undefined;
  return () => {
    const { id, keys: jwks } = keys.current();
    if (known?.id !== id) {
      const publicKeys = jwks.map(({ d: _private, ...jwk }) => jwk);
      known = { id, find: createLocalJWKSet({ keys: publicKeys }) };
    }
    return known.find;
  };
}

/** One audience as text: a list could name another place as well. The times must be of a token that was made here. */
function isWellFormed(
  { aud, jti, iat = Infinity, exp = Infinity }: JWTPayload,
  { nowMs, lifetimeSeconds }: { nowMs: number; lifetimeSeconds: number },
): boolean {
  const timely = iat * 1_000 <= nowMs + CLOCKS_DIFFER_MS && exp - iat <= lifetimeSeconds;
  return timely && typeof aud === 'string' && typeof jti === 'string' && jti !== '';
}

function faultOf(error: unknown): TokenFault {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud') return 'wrong_audience';
  if (error instanceof errors.JOSEError) return 'invalid';
  return error instanceof IdentityError ? 'unavailable' : 'invalid';
}
