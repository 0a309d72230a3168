import { LRUCache } from 'lru-cache';

/** What failed lately and is left alone: longer each time, up to five minutes. */
export interface Pauses {
  has(key: string): boolean;
  lengthen(key: string): void;
  end(key: string): void;
}

const FIRST_MS = 2_000;
const LONGEST_MS = 300_000;
const MAX_PAUSES = 10_000;

/** `now` is in milliseconds. */
export function createPauses(now: () => number): Pauses {
  const pauses = new LRUCache<string, { readonly until: number; readonly times: number }>({
    max: MAX_PAUSES,
  });
  return {
    has: (key) => now() < (pauses.get(key)?.until ?? 0),
    lengthen(key) {
      const times = (pauses.get(key)?.times ?? 0) + 1;
      pauses.set(key, { times, until: now() + Math.min(LONGEST_MS, FIRST_MS * 2 ** (times - 1)) });
    },
    end: (key) => void pauses.delete(key),
  };
}
