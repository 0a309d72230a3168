import { LRUCache } from 'lru-cache';

/** Says whether one more is allowed for this key, and counts it. */
export type RateLimit = (key: string) => boolean;

export interface RateLimitOptions {
  readonly limit: number;
  readonly windowMs: number;
  readonly now: () => number;
}

const MAX_KEYS = 10_000;

/** A fixed window for each key, in this process. Whoever is pushed out by 10,000 others starts anew. */
export function createRateLimit({ limit, windowMs, now }: RateLimitOptions): RateLimit {
  const windows = new LRUCache<string, { startedAt: number; count: number }>({ max: MAX_KEYS });
  return (key) => {
    const known = windows.get(key);
    const open = known && now() - known.startedAt < windowMs ? known : { startedAt: now(), count: 0 };
    open.count += 1;
    windows.set(key, open);
    return open.count <= limit;
  };
}
