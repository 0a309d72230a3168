// Lists in memory, bounded in entries and bytes. A text is held once however many keys point at it, since most
// callers of a site see the same tools.
import { LRUCache } from 'lru-cache';

import type { StoredToolList, ToolListKey } from './tool-list.ts';
import { toolListKeyText } from './tool-list.ts';

/** The bounds of a shelf. */
export interface ShelfBounds {
  readonly maxEntries: number;
  /** Bytes of UTF-8 tool text, each distinct text counted once. */
  readonly maxBytes: number;
}

/** Lists by key; a list longer than the whole shelf is not kept. */
export interface ListShelf {
  /** `now` in ms since the epoch; an entry is gone from its `goneAt` on. */
  get(key: ToolListKey, now: number): StoredToolList | undefined;
  set(key: ToolListKey, list: StoredToolList, goneAt: number): void;
  delete(key: ToolListKey): void;
  clear(): void;
}

interface Slot {
  readonly hash: string;
  readonly fetchedAt: number;
  readonly underScoped: boolean;
  readonly goneAt: number;
}

/** An empty shelf. */
export function createListShelf({ maxEntries, maxBytes }: ShelfBounds): ListShelf {
  const slots = new LRUCache<string, Slot>({ max: maxEntries });
  const texts = new LRUCache<string, string>({
    maxSize: maxBytes,
    sizeCalculation: (text) => Math.max(1, Buffer.byteLength(text)),
  });

  function get(key: ToolListKey, now: number): StoredToolList | undefined {
    const keyText = toolListKeyText(key);
    const slot = slots.get(keyText);
    if (slot === undefined) return undefined;
    const tools = now < slot.goneAt ? texts.get(slot.hash) : undefined;
    if (tools === undefined) {
      slots.delete(keyText);
      return undefined;
    }
    return { tools, hash: slot.hash, underScoped: slot.underScoped, fetchedAt: slot.fetchedAt };
  }

  function set(key: ToolListKey, list: StoredToolList, goneAt: number): void {
    const { tools, hash, underScoped, fetchedAt } = list;
    if (texts.get(hash) === undefined) texts.set(hash, tools);
    slots.set(toolListKeyText(key), { hash, underScoped, fetchedAt, goneAt });
  }

  function clear(): void {
    slots.clear();
    texts.clear();
  }

  return { get, set, delete: (key) => void slots.delete(toolListKeyText(key)), clear };
}
