// Forged answers: the provider's sound ones with exactly one thing wrong.
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

import { type JsonObject, objectOf } from '../json-value.ts';
import type { ForgedAnswer } from './identity-provider-options.ts';

/** The provider's signing key, ES256: made in no time, unlike RSA's. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly kid: string;
}

/** What happens to an ID token on its way out. */
export interface Reissue {
  readonly forge: ForgedAnswer | null;
  /** Seconds that the clock of the provider is ahead of the system's. */
  readonly skewSeconds: number;
  readonly key: SigningKey;
}

type ClaimsForgery = (claims: JsonObject) => JsonObject;
type Sealing = (header: JsonObject, claims: JsonObject, key: SigningKey) => string;

const DAY_SECONDS = 86_400;
const ELSEWHERE = 'https://another-issuer.example';

const CLAIMS_FORGERIES: Readonly<Partial<Record<ForgedAnswer, ClaimsForgery>>> = {
  nonce: (claims) => ({ ...claims, nonce: 'another-nonce' }),
  'no-nonce': (claims) => without(claims, 'nonce'),
  issuer: (claims) => ({ ...claims, iss: ELSEWHERE }),
  audience: (claims) => ({ ...claims, aud: 'another-client' }),
  'more-audiences': (claims) => ({ ...claims, aud: [claims['aud'], 'another-client'] }),
  'no-subject': (claims) => without(claims, 'sub'),
  expired: (claims) => shifted(claims, -DAY_SECONDS),
  'not-yet-valid': (claims) => ({ ...claims, nbf: Number(claims['iat']) + DAY_SECONDS }),
};

const SEALINGS: Readonly<Partial<Record<ForgedAnswer, Sealing>>> = {
  signature: (header, claims, { kid }) =>
    sealed(header, claims, { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }), kid }),
  'alg-none': (_, claims) => `${encoded({ alg: 'none' })}.${encoded(claims)}.`,
  'alg-hs256': ({ kid }, claims, { publicKey }) => {
    const input = `${encoded({ alg: 'HS256', kid })}.${encoded(claims)}`;
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    return `${input}.${createHmac('sha256', pem).update(input).digest('base64url')}`;
  },
};

/** The token with the times of the provider's clock and, when asked for, one thing wrong. */
export function reissueIdToken(idToken: string, { forge, skewSeconds, key }: Reissue): string {
  const [header = '', payload = ''] = idToken.split('.');
  const forgeClaims = (forge === null ? undefined : CLAIMS_FORGERIES[forge]) ?? ((claims) => claims);
  const seal = (forge === null ? undefined : SEALINGS[forge]) ?? sealed;
  return seal(decoded(header), forgeClaims(shifted(decoded(payload), skewSeconds)), key);
}

/** The callback URL, with another `iss` or `state` when asked for. */
export function forgeCallback(location: string, forge: ForgedAnswer | null): string {
  const url = new URL(location);
  if (forge === 'callback-issuer') url.searchParams.set('iss', ELSEWHERE);
  if (forge === 'callback-state') url.searchParams.set('state', 'another-state');
  return url.href;
}

function without(claims: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(claims).filter(([claim]) => claim !== name));
}

function shifted(claims: JsonObject, seconds: number): JsonObject {
  const times = Object.entries(claims).filter(([name]) => ['iat', 'exp', 'auth_time'].includes(name));
  return { ...claims, ...Object.fromEntries(times.map(([name, value]) => [name, Number(value) + seconds])) };
}

function sealed(header: JsonObject, claims: JsonObject, { privateKey }: SigningKey): string {
  const input = `${encoded(header)}.${encoded(claims)}`;
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

function encoded(value: JsonObject): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decoded(part: string): JsonObject {
  return objectOf(JSON.parse(Buffer.from(part, 'base64url').toString('utf8')));
}
