// What this process knows of each key: the newest list, when it was last invalidated, how its last load failed, and
// what all that is worth at this moment.
import { LRUCache } from 'lru-cache';

import type { ShelfBounds } from './list-shelf.ts';
import { createListShelf } from './list-shelf.ts';
import type { StoredToolList, ToolListKey } from './tool-list.ts';
import { toolListKeyText } from './tool-list.ts';

/**
 * - `fresh`: an answer, with nothing more to do
 * - `stale`: an answer, while a refresh runs
 * - `outdated`: invalidated; an answer only when upstream gives none
 */
type Standing = 'fresh' | 'stale' | 'outdated';

/** A list and its standing. */
interface KnownList {
  readonly list: StoredToolList;
  readonly standing: Standing;
}

/** How the last load of a key failed; forgotten with the next success. */
interface KnownFailure {
  readonly error: unknown;
  /** Too recent to try again. */
  readonly isRecent: boolean;
}

/** The rules of age, in milliseconds. */
export interface KnownListsOptions extends ShelfBounds {
  readonly freshMs: number;
  readonly underScopedFreshMs: number;
  readonly staleMs: number;
  readonly errorMs: number;
  readonly now: () => number;
}

/** The memory tier. Times are ms since the epoch. */
export interface KnownLists {
  look(key: ToolListKey): KnownList | undefined;
  failure(key: ToolListKey): KnownFailure | undefined;
  /** Puts the list in the place of what was known; forgets the last failure. */
  keep(key: ToolListKey, list: StoredToolList): void;
  fail(key: ToolListKey, error: unknown): void;
  /** Nothing that began until now, nor until `loadBeganAt`, counts as current any more. */
  invalidate(key: ToolListKey, loadBeganAt: number | undefined): void;
  /** The `fetchedAt` of a load that begins now. */
  beginLoad(key: ToolListKey): number;
  /** Whether the key was invalidated since a load that began at `beganAt`. */
  isOvertaken(key: ToolListKey, beganAt: number): boolean;
  /** Lists that were fetched up to this instant bring nothing new. */
  newest(key: ToolListKey): number;
  clear(): void;
}

/** An empty memory tier. */
export function createKnownLists(options: KnownListsOptions): KnownLists {
  const { now, maxEntries, freshMs, staleMs } = options;
  const underScopedFreshMs = Math.min(options.underScopedFreshMs, freshMs);
  const shelf = createListShelf(options);
  const failures = new LRUCache<string, { readonly error: unknown; readonly at: number }>({
    max: maxEntries,
  });
  const invalidations = new LRUCache<string, number>({ max: maxEntries });

  const invalidatedAt = (key: ToolListKey): number => invalidations.get(toolListKeyText(key)) ?? -Infinity;

  function look(key: ToolListKey): KnownList | undefined {
    const list = shelf.get(key, now());
    return list === undefined ? undefined : { list, standing: standingOf(key, list) };
  }

  function standingOf(key: ToolListKey, list: StoredToolList): Standing {
    if (isOvertaken(key, list.fetchedAt)) return 'outdated';
    const limitMs = list.underScoped ? underScopedFreshMs : freshMs;
    return isWithin(limitMs, list.fetchedAt) ? 'fresh' : 'stale';
  }

  function failure(key: ToolListKey): KnownFailure | undefined {
    const last = failures.get(toolListKeyText(key));
    return last && { error: last.error, isRecent: isWithin(options.errorMs, last.at) };
  }

  /** abs(): a clock that was set back must not turn a second into an hour. */
  const isWithin = (limitMs: number, instant: number): boolean => Math.abs(now() - instant) < limitMs;

  function keep(key: ToolListKey, list: StoredToolList): void {
    failures.delete(toolListKeyText(key));
    shelf.set(key, list, list.fetchedAt + staleMs);
  }

  function fail(key: ToolListKey, error: unknown): void {
    failures.set(toolListKeyText(key), { error, at: now() });
  }

  function invalidate(key: ToolListKey, loadBeganAt = -Infinity): void {
    const name = toolListKeyText(key);
    failures.delete(name);
    // Strictly after everything that is known or under way, also when the clock stands still or was set back.
    invalidations.set(name, Math.max(now(), loadBeganAt, newest(key) + 1));
  }

  /** A load that begins in the very millisecond of an invalidation began after it. */
  const beginLoad = (key: ToolListKey): number => Math.max(now(), invalidatedAt(key) + 1);

  function isOvertaken(key: ToolListKey, beganAt: number): boolean {
    return beganAt <= invalidatedAt(key);
  }

  function newest(key: ToolListKey): number {
    return Math.max(invalidatedAt(key), shelf.get(key, now())?.fetchedAt ?? -Infinity);
  }

  function clear(): void {
    shelf.clear();
    failures.clear();
    invalidations.clear();
  }

  return { look, failure, keep, fail, invalidate, beginLoad, isOvertaken, newest, clear };
}
