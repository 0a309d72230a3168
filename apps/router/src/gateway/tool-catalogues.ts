import {
  createToolSearch,
  mergedTools,
  type MergedTool,
  type ToolSearch,
  type View,
} from '@switchyard/catalogue';
import { LRUCache } from 'lru-cache';

import type { Opening } from './runtime.ts';
import type { CollectSiteTools } from './site-tools.ts';

/** All tools of a view for one caller, each once, and the search over them. */
interface ToolCatalogue {
  readonly tools: readonly MergedTool[];
  readonly search: ToolSearch;
  find(name: string): MergedTool | undefined;
}

/** Waits for slow sites until the deadline; never rejects. Equal lists have one catalogue. */
export type CatalogueOf = (
  view: View,
  openings: readonly Opening[],
  deadlineMs: number,
) => Promise<ToolCatalogue>;

const MAX_CATALOGUES = 50;

export function createToolCatalogues(collect: CollectSiteTools): CatalogueOf {
  const kept = new LRUCache<string, ToolCatalogue>({ max: MAX_CATALOGUES });
  return async (view, openings, deadlineMs) => {
    const asked = { view, openings, deadlineMs };
    const parts = collect.show(asked, await collect.ask(asked));
    const key = `${view.id}\n${parts.map(({ signature }) => signature).join('\n')}`;
    const known = kept.get(key);
    if (known) return known;
    const tools = mergedTools(
      view,
      parts.flatMap(({ shown }) => shown ?? []),
    );
    const byName = new Map(tools.flatMap((tool) => [[tool.tool, tool] as const, [tool.name, tool] as const]));
    const fresh = { tools, search: createToolSearch(tools), find: (name: string) => byName.get(name) };
    kept.set(key, fresh);
    return fresh;
  };
}
