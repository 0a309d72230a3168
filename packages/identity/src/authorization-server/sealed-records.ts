import { createHash } from 'node:crypto';

import type { DurableState, PutOptions } from '../state/durable-state.ts';
import { type KeyRing, openRecord, sealRecord } from '../state/envelope.ts';

/** Where records are kept, and under which keys. */
export interface Safe {
  readonly state: DurableState;
  readonly keys: KeyRing;
}

/** JSON records of one kind, sealed, under hashed ids: many of the ids are bearer secrets themselves. */
export interface SealedRecords<T> {
  get(id: string): Promise<{ readonly record: T; readonly version: number } | undefined>;
  put(id: string, record: T, options?: PutOptions): Promise<boolean>;
  delete(id: string): Promise<boolean>;
  /** Reads and deletes in one step: single use. */
  take(id: string): Promise<T | undefined>;
}

/** `kind` is part of each key and of what each seal is bound to: no record passes for one of another kind or id. */
export function createSealedRecords<T>({ state, keys }: Safe, kind: string): SealedRecords<T> {
  function open(name: string, sealed: string | undefined): T | undefined {
    const text = sealed === undefined ? undefined : openRecord(keys, ['oauth', name], sealed);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }

  const nameOf = (id: string): string => `${kind}:${hashedId(id)}`;
  return {
    async get(id) {
      const name = nameOf(id);
      const stored = await state.get(`oauth:${name}`);
      const record = open(name, stored?.value);
      return stored && record !== undefined ? { record, version: stored.version } : undefined;
    },
    put(id, record, options) {
      const name = nameOf(id);
      return state.put(`oauth:${name}`, sealRecord(keys, ['oauth', name], JSON.stringify(record)), options);
    },
    delete: (id) => state.delete(`oauth:${nameOf(id)}`),
    async take(id) {
      const name = nameOf(id);
      return open(name, await state.take(`oauth:${name}`));
    },
  };
}

/** SHA-256 as 43 characters of base64url. */
export function hashedId(id: string): string {
  return createHash('sha256').update(id).digest('base64url');
}
