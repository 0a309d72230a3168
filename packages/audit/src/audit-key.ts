import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

import { AuditError } from './errors.ts';

const LEAST_KEY_BYTES = 32;
const DERIVED_BYTES = 32;
const ID_BYTES = 6;

/** What the one secret of a trail is used for; each use has a key of its own. All values are base64url. */
export interface AuditKey {
  /** Names the key without telling it: 8 characters. */
  readonly id: string;
  /** HMAC-SHA256 of a line after the line that goes before it. */
  mac(previous: string, line: string | Uint8Array): string;
  sign(head: string): string;
  /** Digest of a call's arguments: equal arguments can be recognised, guesses cannot be tested without the key. */
  digest(text: string): string;
}

/** Throws `AuditError` `invalid_option` for a secret shorter than 32 bytes. */
export function createAuditKey(secret: Uint8Array): AuditKey {
  if (secret.byteLength < LEAST_KEY_BYTES)
    throw new AuditError('invalid_option', `An audit key needs at least ${LEAST_KEY_BYTES} bytes.`);
  const derive = (use: string, bytes = DERIVED_BYTES): Buffer =>
    Buffer.from(hkdfSync('sha256', secret, '', `switchyard audit ${use}`, bytes));
  const keyFor = (use: string): KeyObject => createSecretKey(derive(use));
  const lineKey = keyFor('line');
  const headKey = keyFor('head');
  const digestKey = keyFor('arguments');
  return {
    id: derive('id', ID_BYTES).toString('base64url'),
    mac: (previous, line) => createHmac('sha256', lineKey).update(previous).update(line).digest('base64url'),
    sign: (head) => createHmac('sha256', headKey).update(head).digest('base64url'),
    digest: (text) => createHmac('sha256', digestKey).update(text).digest('base64url'),
  };
}
