import type { DurableState } from '../state/durable-state.ts';
import { type KeyRing, keyIdOf } from '../state/envelope.ts';
import { openToken, sealToken, type TokenRecord } from './token-record.ts';

/** The sealed records of tokens, and the index that lists them. */
export interface TokenStore {
  add(record: TokenRecord): Promise<void>;
  /** Undefined when it expired, was removed, or does not open. */
  load(id: string): Promise<TokenRecord | undefined>;
  loadAll(): Promise<TokenRecord[]>;
  count(): Promise<number>;
  /** True when it was there. */
  remove(id: string): Promise<boolean>;
}

const INDEX = 'enrolled';

export function createTokenStore(state: DurableState, keys: KeyRing, now: () => number): TokenStore {
  async function load(id: string): Promise<TokenRecord | undefined> {
    const stored = await state.get(nameOf(id));
    const record = stored && openToken(keys, id, stored.value);
    if (!stored || !record || now() >= record.expiresAtMs) return undefined;
    // Its key is to be retired. The version keeps a token that is revoked meanwhile from coming back.
    if (keyIdOf(stored.value) !== keys.current) await save(record, stored.version);
    return record;
  }

  async function save(record: TokenRecord, ifVersion: number): Promise<void> {
    const ttlMs = record.expiresAtMs - now();
    await state.put(nameOf(record.id), sealToken(keys, record), { ttlMs, ifVersion });
  }

  return {
    load,
    // First the record, then the index: nobody has the token before both are there.
    async add(record) {
      await save(record, 0);
      await state.addMember(INDEX, record.id);
    },
    async loadAll() {
      const records = await Promise.all((await state.members(INDEX)).map(load));
      return records.filter((record) => record !== undefined);
    },
    /** Takes those out of the index that expired by themselves. */
    async count() {
      const ids = await state.members(INDEX);
      const there = await Promise.all(ids.map((id) => state.get(nameOf(id))));
      const gone = ids.filter((_, at) => there[at] === undefined);
      for (const id of gone) await state.removeMember(INDEX, id);
      return ids.length - gone.length;
    },
    async remove(id) {
      const existed = await state.delete(nameOf(id));
      await state.removeMember(INDEX, id);
      return existed;
    },
  };
}

function nameOf(id: string): string {
  return `enrolled:${id}`;
}
