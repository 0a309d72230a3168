import type { StoredToolList, ToolListOutcome } from '@switchyard/tool-cache';
import { LRUCache } from 'lru-cache';

import { type Opening, waysOf } from './runtime.ts';
import type { SiteLists } from './site-lists.ts';

/** What a site's list is for one caller: with several credentials, the tools of all of them. Never rejects. */
export type SiteOutcome = (opening: Opening, waitMs: number) => Promise<ToolListOutcome>;

const MAX_UNITED = 500;

export function createSiteOutcome(lists: Pick<SiteLists, 'get'>): SiteOutcome {
  const united = new LRUCache<string, StoredToolList>({ max: MAX_UNITED });

  function unite(found: readonly StoredToolList[]): StoredToolList | undefined {
    const [first, ...others] = found;
    if (!first || others.length === 0) return first;
    const hash = found.map((list) => list.hash).join('+');
    const known = united.get(hash);
    if (known) return known;
    // Of two tools with one name the reader keeps the first.
    const tools = `[${found.flatMap(({ tools: text }) => text.trim().slice(1, -1).trim() || []).join(',')}]`;
    const list = {
      hash,
      tools,
      underScoped: found.every(({ underScoped }) => underScoped),
      fetchedAt: Math.min(...found.map(({ fetchedAt }) => fetchedAt)),
    };
    united.set(hash, list);
    return list;
  }

  return async (opening, waitMs) => {
    if (!opening.more) return lists.get(opening.request, waitMs);
    const outcomes = await Promise.all(waysOf(opening).map(({ request }) => lists.get(request, waitMs)));
    const found = outcomes.filter((outcome) => outcome.kind === 'list');
    const list = unite(found.map((outcome) => outcome.list));
    // One credential's trouble takes no tools of the other away (I3).
    const [best] = found;
    return list && best ? { ...best, list } : (outcomes[0] ?? { kind: 'late' });
  };
}
