import { looksUnderScoped, parseToolList, type Site, type ToolIndex } from '@switchyard/catalogue';
import {
  createToolCache,
  type StoredToolList,
  type ToolCache,
  type ToolCacheEvent,
  type ToolList,
  toolListHash,
  type ToolListKey,
  type ToolListOutcome,
  type ToolListStore,
} from '@switchyard/tool-cache';
import type { Upstream, UpstreamTarget } from '@switchyard/upstream';
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';

/** Which list of which site is wanted, and in whose name it would be asked for. */
export interface SiteListRequest {
  readonly key: ToolListKey;
  /** The site's label. */
  readonly site: string;
  readonly target: UpstreamTarget;
  /** Why the site must not be asked right now, however fresh its list is. */
  readonly closed?: () => Error | undefined;
}

/** Every site's tools: cached, asked for once, read once. */
export interface SiteLists {
  /** Never rejects; waits for the site at most `waitMs`. */
  get(request: SiteListRequest, waitMs: number): Promise<ToolListOutcome>;
  /** The list of `get` where it is there and fresh: without waiting. */
  fresh(request: SiteListRequest): StoredToolList | undefined;
  peek: ToolCache<SiteListRequest>['peek'];
  /** The next `get` asks the site again, also when a question is under way. */
  invalidate(key: ToolListKey): Promise<void>;
  /** The list's tools by name; each distinct list is read once. */
  index(list: ToolList): ToolIndex;
  close(): Promise<void>;
}

const MAX_INDEXES = 1_000;
const MAX_LISTS = 20_000;
const MAX_LIST_BYTES = 512 * 1024 * 1024;

export function createSiteLists(options: {
  readonly upstream: Pick<Upstream, 'listTools'>;
  readonly shared: ToolListStore | undefined;
  readonly freshMs: number;
  readonly staleMs: number;
  readonly concurrency: number;
  readonly onEvent: (event: ToolCacheEvent) => void;
}): SiteLists {
  const indexes = new LRUCache<string, ToolIndex>({ max: MAX_INDEXES });
  const index = (list: ToolList): ToolIndex => {
    const known = indexes.get(list.hash);
    if (known) return known;
    const read = parseToolList(list.tools);
    indexes.set(list.hash, read);
    return read;
  };
  const loader = createLoader({ ...options, index });
  const cache = createToolCache<SiteListRequest>({
    shared: options.shared,
    load: loader.load,
    freshMs: options.freshMs,
    staleMs: options.staleMs,
    maxEntries: MAX_LISTS,
    maxBytes: MAX_LIST_BYTES,
    onEvent: options.onEvent,
  });

  return {
    get(request, waitMs) {
      const error = request.closed?.();
      return error ? Promise.resolve({ kind: 'failed', error }) : cache.get(request, waitMs);
    },
    fresh: (request) => (request.closed?.() ? undefined : cache.fresh(request)),
    peek: cache.peek,
    invalidate(key) {
      loader.forget(key);
      return cache.invalidate(key);
    },
    index,
    close: cache.close,
  };
}

/**
 * Asks a site for its list. Sites that one credential reaches at one endpoint have one list: an API
 * token is not bound to a site, so they share the question.
 */
function createLoader({ upstream, concurrency, index }: LoaderOptions): Loader {
  const limit = pLimit(concurrency);
  const asking = new Map<string, Promise<ToolList>>();
  // By their text: what many sites offer, or a site offers again, is hashed and judged once.
  const lists = new LRUCache<string, ToolList>({ max: MAX_INDEXES });

  async function ask(target: UpstreamTarget, signal: AbortSignal): Promise<ToolList> {
    const tools = await limit(() => upstream.listTools(target, signal));
    const known = lists.get(tools);
    if (known) return known;
    const hash = toolListHash(tools);
    const names = index({ tools, hash, underScoped: false }).entries.map((entry) => entry.name);
    const list = { tools, hash, underScoped: looksUnderScoped(names) };
    lists.set(tools, list);
    return list;
  }

  return {
    load({ key, target }, signal) {
      const question = questionOf(key);
      const known = asking.get(question);
      if (known) return known;
      const asked = ask(target, signal).finally(() => {
        if (asking.get(question) === asked) asking.delete(question);
      });
      asking.set(question, asked);
      return asked;
    },
    forget: (key) => void asking.delete(questionOf(key)),
  };
}

interface LoaderOptions {
  readonly upstream: Pick<Upstream, 'listTools'>;
  readonly concurrency: number;
  /** Each distinct list is read once, whoever has it. */
  readonly index: (list: ToolList) => ToolIndex;
}

interface Loader {
  load(request: SiteListRequest, signal: AbortSignal): Promise<ToolList>;
  /** What is asked already was asked too early. */
  forget(key: ToolListKey): void;
}

/** The same for all sites that one credential reaches at one endpoint. */
function questionOf({ scope, endpoint }: ToolListKey): string {
  return `${scope.split(':')[0] ?? ''} ${endpoint}`;
}

/** Part of the cache key: a changed entry of the configuration never meets lists of the old one. */
export function sitePolicyVersion(site: Site): string {
  return toolListHash(
    JSON.stringify([site.cloudId, site.endpoint, site.identity, site.allow, site.products, site.tools]),
  ).slice(0, 12);
}
