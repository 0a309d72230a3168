// Tool lists: memory, then the shared store, then upstream, with one load per key at a time. A list that is no longer
// fresh is served while one refresh runs; trouble upstream costs freshness, not tools.
import type { CacheSettingsInput } from './cache-settings.ts';
import { readCacheSettings } from './cache-settings.ts';
import type { LoadToolList, ToolListAnswer, ToolListFailure, ToolListRequest } from './flight-plan.ts';
import { createFlights } from './flights.ts';
import { createKnownLists } from './known-lists.ts';
import { settleWithin } from './settle-within.ts';
import { createSharedLists } from './shared-lists.ts';
import type { EmitToolCacheEvent, ToolCacheEvent } from './tool-cache-event.ts';
import type { ToolListStore } from './tool-list-store.ts';
import type { StoredToolList, ToolListKey } from './tool-list.ts';

/** `late`: upstream is still being asked, and there is nothing to show until then. */
export type ToolListOutcome = ToolListAnswer | ToolListFailure | { readonly kind: 'late' };

/** What a cache works with; times in milliseconds. */
export interface ToolCacheOptions<Request extends ToolListRequest> extends CacheSettingsInput {
  /** Shared between replicas; absent = one replica. Stays open when the cache closes. */
  readonly shared?: ToolListStore | undefined;
  readonly load: LoadToolList<Request>;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: (() => number) | undefined;
  readonly onEvent?: ((event: ToolCacheEvent) => void) | undefined;
}

/** A list in memory, and whether it would be served without asking anybody. */
export type PeekedToolList = StoredToolList & { readonly fresh: boolean };

/** Tool lists by key. */
export interface ToolCache<Request extends ToolListRequest> {
  /** Never rejects. Waits for upstream `waitMs` at most; the load goes on in the background afterwards. */
  get(request: Request, waitMs: number): Promise<ToolListOutcome>;
  /** The list of `get` where memory has a fresh one, without waiting and counted the same. */
  fresh(request: Request): StoredToolList | undefined;
  /** What memory holds at this moment, up to `staleMs` old: what a call needs. Asks nobody, tells nobody. */
  peek(key: ToolListKey): PeekedToolList | undefined;
  /** The next `get` goes upstream; what is known already serves only when that fails or is late. Never rejects. */
  invalidate(key: ToolListKey): Promise<void>;
  /** Aborts what is being loaded. Idempotent, never rejects. */
  close(): Promise<void>;
}

/** An empty cache. Throws `RangeError` on settings that cannot be used. */
export function createToolCache<Request extends ToolListRequest>(
  options: ToolCacheOptions<Request>,
): ToolCache<Request> {
  const settings = readCacheSettings(options);
  const { staleMs, lockMs, loadTimeoutMs, maxLoads } = settings;
  const emit = dropErrors(options.onEvent);
  const known = createKnownLists({ ...settings, now: options.now ?? Date.now });
  const shared = createSharedLists({ store: options.shared, ttlMs: staleMs, lockMs, emit });
  const flights = createFlights({ known, shared, load: options.load, loadTimeoutMs, lockMs, emit }, maxLoads);

  function fromMemory(key: ToolListKey): ToolListAnswer | undefined {
    const found = known.look(key);
    if (found === undefined) return undefined;
    const failure = known.failure(key);
    const age = found.standing === 'fresh' ? 'fresh' : 'stale';
    return { kind: 'list', list: found.list, age, ...(failure && { error: failure.error }) };
  }

  function fresh({ key, site }: Request): StoredToolList | undefined {
    const found = known.look(key);
    if (found?.standing !== 'fresh') return undefined;
    emit({ type: 'lookup', site, tier: 'memory', result: 'hit' });
    return found.list;
  }

  async function get(request: Request, waitMs: number): Promise<ToolListOutcome> {
    const { key, site } = request;
    const list = fresh(request);
    if (list !== undefined) return { kind: 'list', list, age: 'fresh' };
    const standing = known.look(key)?.standing;
    emit({ type: 'lookup', site, tier: 'memory', result: standing ? 'stale' : 'miss' });
    const remembered = fromMemory(key);
    const boarded = flights.board(request);
    if (boarded.kind === 'failed')
      return remembered === undefined ? boarded : { ...remembered, error: boarded.error };
    if (remembered !== undefined && standing === 'stale') return remembered;
    const answer = await settleWithin(boarded.flight.answer(), waitMs);
    return answer ?? fromMemory(key) ?? { kind: 'late' };
  }

  function peek(key: ToolListKey): PeekedToolList | undefined {
    const found = known.look(key);
    if (found === undefined) return undefined;
    // Written out: calls look here, and a spread costs more than all the look-ups.
    const { tools, hash, underScoped, fetchedAt } = found.list;
    return { tools, hash, underScoped, fetchedAt, fresh: found.standing === 'fresh' };
  }

  async function invalidate(key: ToolListKey): Promise<void> {
    const flight = flights.find(key);
    known.invalidate(key, flight?.loadBeganAt());
    flight?.restart();
    await shared.remove(key);
  }

  async function close(): Promise<void> {
    // In this order: flights give their locks back to the shared store.
    await flights.close();
    shared.close();
    known.clear();
  }

  return { get, fresh, peek, invalidate, close };
}

/** A listener that throws must neither fail a request nor end a flight half-way. */
function dropErrors(onEvent: ((event: ToolCacheEvent) => void) | undefined): EmitToolCacheEvent {
  if (onEvent === undefined) return () => undefined;
  return (event) => {
    try {
      onEvent(event);
    } catch {
      // Nobody is left to tell.
    }
  };
}
