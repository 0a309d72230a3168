import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

import type { Secret } from '@switchyard/catalogue';

import { IdentityError } from '../errors.ts';

/** Keys that records are sealed under, by id. New records use the current one; the others only open. */
export interface KeyRing {
  readonly current: string;
  /** 32 bytes, or undefined for an id that the ring does not hold. */
  key(id: string): Uint8Array | undefined;
}

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = 'v1';
const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/;

/** The first secret is the current one. Throws `IdentityError` `invalid_option` for none, or an id that is given twice or malformed. */
export function createKeyRing(secrets: readonly { readonly id: string; readonly secret: Secret }[]): KeyRing {
  const keys = new Map<string, Uint8Array>();
  for (const { id, secret } of secrets) {
    if (!KEY_ID.test(id) || keys.has(id))
      throw new IdentityError('invalid_option', `The id of an encryption key is malformed or given twice.`);
    keys.set(
      id,
      new Uint8Array(hkdfSync('sha256', secret.reveal(), '', `switchyard record ${id}`, KEY_BYTES)),
    );
  }
  const current = secrets[0]?.id;
  if (current === undefined)
    throw new IdentityError('invalid_option', 'At least one encryption key is needed.');
  return { current, key: (id) => keys.get(id) };
}

/**
 * Seals a record under a key of its own, which is sealed under the ring's current key. `bound` says what the record is
 * and whose: it is not stored, and nothing opens without the same words.
 */
export function sealRecord(ring: KeyRing, bound: readonly string[], text: string): string {
  const keyId = ring.current;
  const ringKey = ring.key(keyId);
  if (!ringKey) throw new IdentityError('invalid_option', 'The current encryption key is missing.');
  const recordKey = randomBytes(KEY_BYTES);
  const context = contextOf(keyId, bound);
  const wrapped = encrypt(ringKey, recordKey, context);
  const sealed = encrypt(recordKey, Buffer.from(text, 'utf8'), context);
  return [FORMAT, keyId, wrapped.toString('base64url'), sealed.toString('base64url')].join('.');
}

/** The text, or undefined for anything that was changed, is bound to something else, or is under an unknown key. */
export function openRecord(ring: KeyRing, bound: readonly string[], record: string): string | undefined {
  const [format, keyId = '', wrapped = '', sealed = '', ...rest] = record.split('.');
  const ringKey = ring.key(keyId);
  if (format !== FORMAT || !ringKey || rest.length > 0) return undefined;
  const context = contextOf(keyId, bound);
  const recordKey = decrypt(ringKey, canonicalBytes(wrapped), context);
  return recordKey && decrypt(recordKey, canonicalBytes(sealed), context)?.toString('utf8');
}

/** Under which key of the ring a record is sealed: one that is not current should be sealed anew. */
export function keyIdOf(record: string): string | undefined {
  return record.split('.')[1];
}

/** JSON keeps the border between two words: ["a","bc"] is not ["ab","c"]. */
function contextOf(keyId: string, bound: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify([FORMAT, keyId, ...bound]), 'utf8');
}

/** Base64url has spare bits at its end: a second spelling of the same bytes is a change too. */
function canonicalBytes(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}

function encrypt(key: Uint8Array, plain: Buffer, context: Buffer): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv).setAAD(context);
  return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: Uint8Array, bytes: Buffer | undefined, context: Buffer): Buffer | undefined {
  if (!bytes || bytes.length < IV_BYTES + TAG_BYTES) return undefined;
  const end = bytes.length - TAG_BYTES;
  const options = { authTagLength: TAG_BYTES };
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES), options);
  decipher.setAAD(context).setAuthTag(bytes.subarray(end));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, end)), decipher.final()]);
  } catch {
    return undefined;
  }
}
