import { LRUCache } from 'lru-cache';

import { StoreUnavailable } from './errors.ts';
import type { ShelfBounds } from './list-shelf.ts';
import { createListShelf } from './list-shelf.ts';
import type { ReleaseLock, ToolListStore } from './tool-list-store.ts';
import type { StoredToolList, ToolListKey } from './tool-list.ts';
import { toolListKeyText } from './tool-list.ts';

/** Bounds and clock of a memory store. */
export interface MemoryStoreOptions extends ShelfBounds {
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
}

/** A store inside this process, for several caches in one process and as the yardstick of the contract suite. */
export function createMemoryStore(options: MemoryStoreOptions): ToolListStore {
  const { now = Date.now, ...bounds } = options;
  const shelf = createListShelf(bounds);
  const locks = new LRUCache<string, { readonly until: number }>({ max: bounds.maxEntries });
  let closed = false;

  function assertOpen(): void {
    if (closed) throw new StoreUnavailable('it is closed');
  }

  async function read(key: ToolListKey, newerThan = -Infinity): Promise<StoredToolList | undefined> {
    assertOpen();
    const list = shelf.get(key, now());
    return list !== undefined && list.fetchedAt > newerThan ? list : undefined;
  }

  async function write(key: ToolListKey, list: StoredToolList, ttlMs: number): Promise<void> {
    assertOpen();
    shelf.set(key, list, now() + ttlMs);
  }

  async function remove(key: ToolListKey): Promise<void> {
    assertOpen();
    shelf.delete(key);
  }

  async function tryLock(key: ToolListKey, ttlMs: number): Promise<ReleaseLock | undefined> {
    assertOpen();
    const name = toolListKeyText(key);
    if ((locks.get(name)?.until ?? -Infinity) > now()) return undefined;
    const lock = { until: now() + ttlMs };
    locks.set(name, lock);
    return async () => {
      if (locks.peek(name) === lock) locks.delete(name);
    };
  }

  async function close(): Promise<void> {
    closed = true;
    shelf.clear();
    locks.clear();
  }

  return { read, write, remove, tryLock, close };
}
