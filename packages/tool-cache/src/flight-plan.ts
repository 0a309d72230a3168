// What a flight is given and what it brings home.
import type { KnownLists } from './known-lists.ts';
import type { SharedLists } from './shared-lists.ts';
import type { EmitToolCacheEvent } from './tool-cache-event.ts';
import type { StoredToolList, ToolList, ToolListKey } from './tool-list.ts';

/** What the cache must know to load a list; a caller's request may carry more for its own `load`. */
export interface ToolListRequest {
  readonly key: ToolListKey;
  /** The site's name in events: from the configuration, never from an answer. */
  readonly site: string;
}

/** One upstream discovery. It must settle soon after `signal` aborts. */
export type LoadToolList<Request extends ToolListRequest> = (
  request: Request,
  signal: AbortSignal,
) => Promise<ToolList>;

/** A list that may be shown. */
export interface ToolListAnswer {
  readonly kind: 'list';
  readonly list: StoredToolList;
  readonly age: 'fresh' | 'stale';
  /** Why the last refresh failed; absent when none did since the list came. */
  readonly error?: unknown;
}

/** No list, and why. */
export interface ToolListFailure {
  readonly kind: 'failed';
  readonly error: unknown;
}

/** What every flight of one cache shares; times in milliseconds. */
export interface FlightPlan<Request extends ToolListRequest> {
  readonly known: KnownLists;
  readonly shared: SharedLists;
  readonly load: LoadToolList<Request>;
  readonly loadTimeoutMs: number;
  readonly lockMs: number;
  readonly emit: EmitToolCacheEvent;
}
