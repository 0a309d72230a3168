import { createHmac, createSecretKey } from 'node:crypto';

import { IdentityError } from './errors.ts';

const LEAST_KEY_BYTES = 32;

/** What a hash stands for. It is hashed too, so that equal values of two purposes never share an id. */
type Purpose = 'account' | 'caller' | 'credential' | 'enrolled' | 'remembered';

/** HMAC-SHA256 of one value for one purpose, as 43 characters of base64url. */
export type KeyedHash = (purpose: Purpose, value: string) => string;

/**
 * Binds a key. Whoever lacks the key cannot test guesses against an id, which a plain hash of a token would allow.
 * Throws `IdentityError` `invalid_option` for a key shorter than 32 bytes.
 */
export function createKeyedHash(key: Uint8Array): KeyedHash {
  if (key.byteLength < LEAST_KEY_BYTES) {
    throw new IdentityError('invalid_option', `A credential key needs at least ${LEAST_KEY_BYTES} bytes.`);
  }
  const secretKey = createSecretKey(key);
  return (purpose, value) =>
    createHmac('sha256', secretKey).update(`${purpose}\0${value}`).digest('base64url');
}
