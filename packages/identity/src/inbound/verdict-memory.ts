import { LRUCache } from 'lru-cache';

import type { PassedThrough, Rejected, Verdict } from './auth-outcome.ts';

/** A verdict with its age; times are milliseconds of the injected clock. */
export interface Remembered<V extends Verdict = Verdict> {
  readonly verdict: V;
  readonly sinceMs: number;
  readonly expiresAtMs: number;
}

/** Verdicts by the keyed hash of their credential, bounded in number and time. */
export interface VerdictMemory {
  recall(key: string): Remembered | undefined;
  remember(key: string, verdict: Verdict, forMs: number): void;
  forget(credentialId: string): void;
  clear(): void;
  close(): void;
}

const MAX_SWEEP_MS = 60_000;

/**
 * Good and bad verdicts have a cache each, so that a stranger's guesses cannot push known callers out.
 *
 * An entry for a good verdict holds the credential itself, because it must be sent upstream with every call; it is never
 * a key and never leaves this process's memory. It goes when the entry goes: on expiry (the sweep, at the latest
 * `sweepMs` after), on eviction, on `forget` and on `clear`.
 */
export function createVerdictMemory(options: {
  readonly max: number;
  readonly sweepMs: number;
  readonly now: () => number;
}): VerdictMemory {
  const { max, now } = options;
  const keys = new Map<string, string>();
  const good = new LRUCache<string, Remembered<PassedThrough>>({
    max,
    dispose: ({ verdict }) => keys.delete(verdict.credential.id),
  });
  const bad = new LRUCache<string, Remembered<Rejected>>({ max });
  const sweep = setInterval(dropExpired, Math.min(options.sweepMs, MAX_SWEEP_MS)).unref();

  function dropExpired(): void {
    for (const cache of [good, bad]) {
      const expired = [...cache.entries()].filter(([, entry]) => now() >= entry.expiresAtMs);
      for (const [key] of expired) cache.delete(key);
    }
  }

  function recall(key: string): Remembered | undefined {
    const entry = good.get(key) ?? bad.get(key);
    if (entry !== undefined && now() < entry.expiresAtMs) return entry;
    drop(key);
    return undefined;
  }

  function remember(key: string, verdict: Verdict, forMs: number): void {
    if (forMs <= 0) return;
    const sinceMs = now();
    const times = { sinceMs, expiresAtMs: sinceMs + forMs };
    drop(key);
    if (!verdict.ok) {
      bad.set(key, { verdict, ...times });
      return;
    }
    good.set(key, { verdict, ...times });
    keys.set(verdict.credential.id, key);
  }

  function drop(key: string): void {
    good.delete(key);
    bad.delete(key);
  }

  function forget(credentialId: string): void {
    const key = keys.get(credentialId);
    if (key !== undefined) good.delete(key);
  }

  function clear(): void {
    good.clear();
    bad.clear();
  }

  return {
    recall,
    remember,
    forget,
    clear,
    close: () => {
      clearInterval(sweep);
      clear();
    },
  };
}
