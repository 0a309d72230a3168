import { randomUUID } from 'node:crypto';

import { exportJWK, generateKeyPair, type JWK } from 'jose';

import { IdentityError } from '../errors.ts';
import { createSealedRecords, type Safe } from './sealed-records.ts';

/** The one algorithm of tokens: a pinned one cannot be talked down. */
export const SIGNING_ALGORITHM = 'ES256';

/** The keys that count at one moment. */
interface SigningKeySet {
  /** Changes whenever the keys do. */
  readonly id: string;
  /** Private keys; the first one signs, the others are still or already published. */
  readonly keys: readonly JWK[];
}

/** The keys of tokens, shared by all replicas. */
export interface SigningKeys {
  current(): SigningKeySet;
  /** Adds a key: it is published at once, signs after `publishMs`, and the old one is dropped `retireMs` later. */
  rotate(): Promise<void>;
  /** Reads them again; rejects while the store does not answer. */
  reload(): Promise<void>;
  /** Milliseconds since 1970 of the last reading. */
  loadedAtMs(): number;
}

export interface SigningKeysOptions extends Safe {
  readonly now: () => number;
  /** How long a new key is published before it signs: every replica knows it by then. */
  readonly publishMs: number;
  /** How long an old key is published after it last signed: the longest life of a token, and more. */
  readonly retireMs: number;
}

interface StoredKey {
  readonly jwk: JWK;
  readonly activeFromMs: number;
}

interface StoredKeys {
  readonly keys: readonly StoredKey[];
}

const RECORD = 'current';

/** Reads the keys, or makes the first one: of several replicas that start at once, one writes and all read the same. */
export async function createSigningKeys(options: SigningKeysOptions): Promise<SigningKeys> {
  const { now, publishMs, retireMs, ...safe } = options;
  const records = createSealedRecords<StoredKeys>(safe, 'signing-keys');
  let stored: readonly StoredKey[] = [];
  let loadedAtMs = 0;
  let current: SigningKeySet = { id: '', keys: [] };

  async function load(): Promise<number> {
    const found = await records.get(RECORD);
    if (found) stored = found.record.keys;
    loadedAtMs = now();
    return found?.version ?? 0;
  }

  async function append(activeFromMs: number): Promise<void> {
    const jwk = await createKey();
    const version = await load();
    const kept = published(stored, { now: now(), retireMs });
    if (version === 0 || kept.every((key) => key.activeFromMs <= now())) {
      await records.put(RECORD, { keys: [...kept, { jwk, activeFromMs }] }, { ifVersion: version });
    }
    await load();
  }

  async function reload(): Promise<void> {
    // The store can have lost everything: then one replica of many makes the next key.
    if ((await load()) === 0) await append(now());
  }

  await reload();
  if (stored.length === 0) {
    throw new IdentityError(
      'invalid_option',
      'The signing keys in the store cannot be opened: the encryption key that sealed them is missing from the configuration.',
    );
  }

  return {
    current() {
      const keys = published(stored, { now: now(), retireMs });
      const id = keys.map(({ jwk }) => jwk.kid).join(' ');
      if (id !== current.id) current = { id, keys: keys.map(({ jwk }) => jwk) };
      return current;
    },
    rotate: () => append(now() + publishMs),
    reload,
    loadedAtMs: () => loadedAtMs,
  };
}

/** The signing key first, then those that will sign, then those that did. */
function published(
  keys: readonly StoredKey[],
  { now, retireMs }: { now: number; retireMs: number },
): StoredKey[] {
  const ordered = keys.toSorted((one, other) => other.activeFromMs - one.activeFromMs);
  const coming = ordered.filter((key) => key.activeFromMs > now);
  const past = ordered.filter((key) => key.activeFromMs <= now);
  const [signing, ...older] = past;
  // A key stopped signing when its successor began.
  const retiring = older.filter((_key, index) => (past[index]?.activeFromMs ?? 0) + retireMs > now);
  return [...(signing ? [signing] : []), ...coming, ...retiring];
}

async function createKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: randomUUID(), use: 'sig', alg: SIGNING_ALGORITHM };
}
