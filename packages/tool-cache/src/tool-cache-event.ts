import type { StoredToolList, ToolListKey } from './tool-list.ts';

/** What a cache did, for metrics, logs and list-changed notifications. Sites come from requests, never from answers. */
export type ToolCacheEvent =
  /** One tier was asked. On tier `upstream`, `hit` is a load that succeeded and `miss` one that failed. */
  | {
      readonly type: 'lookup';
      readonly site: string;
      readonly tier: 'memory' | 'redis' | 'upstream';
      readonly result: 'hit' | 'stale' | 'miss';
    }
  /** One upstream discovery succeeded; `previous` is what this process had before. */
  | {
      readonly type: 'loaded';
      readonly site: string;
      readonly key: ToolListKey;
      readonly previous?: StoredToolList;
      readonly list: StoredToolList;
      readonly durationMs: number;
    }
  /** A newer list of another replica came in through the shared store. */
  | {
      readonly type: 'received';
      readonly site: string;
      readonly key: ToolListKey;
      readonly previous?: StoredToolList;
      readonly list: StoredToolList;
    }
  /** One upstream discovery failed. */
  | {
      readonly type: 'load-failed';
      readonly site: string;
      readonly key: ToolListKey;
      readonly error: unknown;
      readonly durationMs: number;
    }
  /** The shared store went away or came back; it counts as available until it fails. */
  | { readonly type: 'store'; readonly available: boolean; readonly error?: unknown };

/** Takes events; what it throws is dropped. */
export type EmitToolCacheEvent = (event: ToolCacheEvent) => void;
