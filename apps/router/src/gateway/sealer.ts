import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

import type { Identified } from '@switchyard/identity';
import { LRUCache } from 'lru-cache';

/**
 * Hands state to a client that only Switchyard can read, and only for the same caller: session ids,
 * ids of requests that a site makes, states of parked calls. Nothing of it is kept here, so any
 * replica can open it.
 */
export interface Sealer {
  /** `purpose` keeps a token of one kind from passing for one of another. */
  seal(purpose: string, value: unknown): string;
  /** The value, or undefined for anything that was not sealed for this purpose and caller. */
  open(purpose: string, token: string): unknown;
}

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const MAX_SEALERS = 10_000;

/**
 * One key a caller, made from what only this caller brings and the replicas' common key: it survives
 * restarts and differs from caller to caller without any stored secret.
 */
export function createSealers(commonKey: Uint8Array | undefined): (identified: Identified) => Sealer {
  const sealers = new LRUCache<string, Sealer>({ max: MAX_SEALERS });
  return ({ seal }) => {
    const known = sealers.get(seal.id);
    if (known) return known;
    const sealer = createSealer(commonKey ?? 'switchyard sealed state', seal.secret.reveal());
    sealers.set(seal.id, sealer);
    return sealer;
  };
}

/** `whose` makes the key one of its own: what a single caller brings, or what the replicas have in common. */
export function createSealer(commonKey: Uint8Array | string, whose: string): Sealer {
  const key = createHmac('sha256', commonKey).update(whose).digest();
  return {
    seal(purpose, value) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, iv).setAAD(Buffer.from(purpose));
      const text = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), text]).toString('base64url');
    },
    open(purpose, token) {
      const bytes = Buffer.from(token, 'base64url');
      if (bytes.length < IV_BYTES + TAG_BYTES) return undefined;
      const tagEnd = IV_BYTES + TAG_BYTES;
      try {
        const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES)).setAAD(
          Buffer.from(purpose),
        );
        decipher.setAuthTag(bytes.subarray(IV_BYTES, tagEnd));
        const text = Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()]).toString(
          'utf8',
        );
        return JSON.parse(text) as unknown;
      } catch {
        return undefined;
      }
    },
  };
}
