import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';

import { LRUCache } from 'lru-cache';

import { IdentityError } from '../errors.ts';
import type { DurableState, PutOptions, StoredValue } from './durable-state.ts';

interface Entry extends StoredValue {
  readonly expiresAt: number;
}

/** `maxEntries` bounds values and sets each; `now` is in milliseconds. */
export interface MemoryStateOptions {
  readonly maxEntries?: number;
  readonly now?: () => number;
}

const MAX_ENTRIES = 100_000;

/** Durable state of one process, for the demo and for one replica without Redis: it ends with the process. */
export function createMemoryState({
  maxEntries = MAX_ENTRIES,
  now = Date.now,
}: MemoryStateOptions = {}): DurableState {
  const values = createValues(maxEntries, now);
  const sets = new LRUCache<string, Set<string>>(bounds(maxEntries));
  const news = new EventEmitter().setMaxListeners(0);
  const state = { closed: false };

  function open(): typeof values {
    if (state.closed) throw new IdentityError('state_unavailable', 'The store of grants is closed.');
    return values;
  }

  function setOf(name: string): Set<string> {
    open();
    const known = sets.get(name) ?? new Set();
    sets.set(name, known);
    return known;
  }

  return {
    async get(key) {
      const entry = open().live(key);
      return entry && { value: entry.value, version: entry.version };
    },
    put: async (key, value, options = {}) => open().write(key, value, options),
    delete: async (key) => open().remove(key) !== undefined,
    take: async (key) => open().remove(key)?.value,
    addMember: async (set, member) => void setOf(set).add(member),
    removeMember: async (set, member) => void setOf(set).delete(member),
    members: async (set) => [...setOf(set)],
    async lock(key, ttlMs) {
      const owner = randomUUID();
      const name = `lock:${key}`;
      if (!open().write(name, owner, { ttlMs, ifVersion: 0 })) return undefined;
      return { release: async () => void (values.live(name)?.value === owner && values.remove(name)) };
    },
    publish: async (channel, message) => void news.emit(channel, message),
    subscribe(channel, onMessage) {
      news.on(channel, onMessage);
      return () => void news.off(channel, onMessage);
    },
    async close() {
      state.closed = true;
      news.removeAllListeners();
      values.clear();
      sets.clear();
    },
  };
}

interface Values {
  live(key: string): Entry | undefined;
  write(key: string, value: string, options: PutOptions): boolean;
  remove(key: string): Entry | undefined;
  clear(): void;
}

function createValues(maxEntries: number, now: () => number): Values {
  const entries = new LRUCache<string, Entry>(bounds(maxEntries));

  function live(key: string): Entry | undefined {
    const entry = entries.get(key);
    if (entry && now() < entry.expiresAt) return entry;
    entries.delete(key);
    return undefined;
  }

  return {
    live,
    write(key, value, { ttlMs = Infinity, ifVersion }) {
      const version = live(key)?.version ?? 0;
      if (ifVersion !== undefined && ifVersion !== version) return false;
      entries.set(key, { value, version: version + 1, expiresAt: now() + ttlMs });
      return true;
    },
    remove(key) {
      const entry = live(key);
      entries.delete(key);
      return entry;
    },
    clear: () => entries.clear(),
  };
}

/** `max` alone would set aside 5 MB for entries that most processes never have. */
function bounds(maxEntries: number): { maxSize: number; sizeCalculation: () => number } {
  return { maxSize: maxEntries, sizeCalculation: () => 1 };
}
