import { LRUCache } from 'lru-cache';

import type { DurableState } from '../state/durable-state.ts';

/** When tokens were last used, within a minute or so: enough to find those that nobody needs. */
export interface TokenUses {
  /** Never waits, never fails: a call does not depend on it. */
  note(id: string): void;
  /** Milliseconds since 1970. */
  last(id: string): Promise<number | undefined>;
  close(): void;
}

const EVERY_MS = 60_000;
const KEPT_MS = 366 * 86_400_000;
const MAX_NOTED = 10_000;

export function createTokenUses(state: DurableState, now: () => number): TokenUses {
  const noted = new LRUCache<string, number>({ max: MAX_NOTED });
  return {
    note(id) {
      if (now() - (noted.get(id) ?? -Infinity) < EVERY_MS) return;
      noted.set(id, now());
      state.put(nameOf(id), String(now()), { ttlMs: KEPT_MS }).catch(() => undefined);
    },
    async last(id) {
      const stored = await state.get(nameOf(id));
      return stored && Number(stored.value);
    },
    close: () => noted.clear(),
  };
}

function nameOf(id: string): string {
  return `enrolled-use:${id}`;
}
