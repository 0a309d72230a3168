// The shared store as the cache sees it: it never throws, it may be missing, and it tells when it goes and comes.
import type { EmitToolCacheEvent } from './tool-cache-event.ts';
import type { ReleaseLock, ToolListStore } from './tool-list-store.ts';
import type { StoredToolList, ToolListKey } from './tool-list.ts';

/** Operations on the shared store; `unavailable` = there is none, or it does not answer. */
export interface SharedLists {
  read(key: ToolListKey, newerThan: number): Promise<StoredToolList | 'absent' | 'unavailable'>;
  write(key: ToolListKey, list: StoredToolList): Promise<void>;
  remove(key: ToolListKey): Promise<void>;
  lock(key: ToolListKey): Promise<ReleaseLock | 'held' | 'unavailable'>;
  /** Stops looking whether the store is back. */
  close(): void;
}

/** What the shared tier needs; times in milliseconds. */
export interface SharedListsOptions {
  readonly store: ToolListStore | undefined;
  readonly ttlMs: number;
  readonly lockMs: number;
  readonly emit: EmitToolCacheEvent;
}

const PROBE_EVERY_MS = 1_000;

/** The shared tier on `store`, or one that is never available. */
export function createSharedLists({ store, ttlMs, lockMs, emit }: SharedListsOptions): SharedLists {
  let isAvailable = true;
  let isClosed = false;
  let probe: NodeJS.Timeout | undefined;

  async function attempt<T>(
    key: ToolListKey,
    operation: (store: ToolListStore) => Promise<T>,
  ): Promise<{ readonly result: T } | undefined> {
    if (store === undefined || isClosed) return undefined;
    try {
      const result = await operation(store);
      cameBack();
      return { result };
    } catch (error) {
      wentAway(key, error);
      return undefined;
    }
  }

  function cameBack(): void {
    if (isAvailable) return;
    isAvailable = true;
    clearTimeout(probe);
    emit({ type: 'store', available: true });
  }

  function wentAway(key: ToolListKey, error: unknown): void {
    if (isAvailable) emit({ type: 'store', available: false, error });
    isAvailable = false;
    // Without a probe a process that is served from memory would report the outage until its next refresh.
    clearTimeout(probe);
    if (isClosed) return;
    probe = setTimeout(() => void attempt(key, (store) => store.read(key, Infinity)), PROBE_EVERY_MS);
    probe.unref();
  }

  async function lock(key: ToolListKey): Promise<ReleaseLock | 'held' | 'unavailable'> {
    const taken = await attempt(key, (store) => store.tryLock(key, lockMs));
    if (taken === undefined) return 'unavailable';
    const release = taken.result;
    return release === undefined ? 'held' : async () => void (await attempt(key, release));
  }

  return {
    read: async (key, newerThan) => {
      const seen = await attempt(key, (store) => store.read(key, newerThan));
      return seen === undefined ? 'unavailable' : (seen.result ?? 'absent');
    },
    write: async (key, list) => void (await attempt(key, (store) => store.write(key, list, ttlMs))),
    remove: async (key) => void (await attempt(key, (store) => store.remove(key))),
    lock,
    close: () => {
      isClosed = true;
      clearTimeout(probe);
    },
  };
}
