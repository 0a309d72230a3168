import type { StoredToolList, ToolListKey } from './tool-list.ts';

/** Gives a lock back; a lock that ran out and belongs to somebody else by now is left alone. */
export type ReleaseLock = () => Promise<void>;

/**
 * Port: where lists live beyond this process. Every operation answers within a bounded time and rejects with
 * `StoreUnavailable` only.
 */
export interface ToolListStore {
  /** `undefined`: absent, unreadable, of another version, or not fetched after `newerThan` (ms since the epoch). */
  read(key: ToolListKey, newerThan?: number): Promise<StoredToolList | undefined>;
  /** Keeps the list for `ttlMs` milliseconds. */
  write(key: ToolListKey, list: StoredToolList, ttlMs: number): Promise<void>;
  /** Forgets the list of this key. */
  remove(key: ToolListKey): Promise<void>;
  /** Locks the key for at most `ttlMs` milliseconds; `undefined` = somebody else holds it. */
  tryLock(key: ToolListKey, ttlMs: number): Promise<ReleaseLock | undefined>;
  /** Idempotent. A client that was handed in stays open: it belongs to whoever made it. */
  close(): Promise<void>;
}
