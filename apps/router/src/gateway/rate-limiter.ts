import { LRUCache } from 'lru-cache';

/** Whether one more request of this key fits into the minute. */
export type RateLimiter = (key: string) => boolean;

interface Bucket {
  tokens: number;
  filledAt: number;
}

const MINUTE_MS = 60_000;
const MAX_KEYS = 20_000;

/** A bucket of tokens for each key that fills steadily: bursts of a minute's worth pass. Counts in this process alone. */
export function createRateLimiter(perMinute: number, now: () => number = Date.now): RateLimiter {
  const buckets = new LRUCache<string, Bucket>({ max: MAX_KEYS });
  return (key) => {
    const at = now();
    const bucket = buckets.get(key) ?? { tokens: perMinute, filledAt: at };
    bucket.tokens = Math.min(perMinute, bucket.tokens + ((at - bucket.filledAt) * perMinute) / MINUTE_MS);
    bucket.filledAt = at;
    buckets.set(key, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  };
}
