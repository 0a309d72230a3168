import type { StoredToolList, ToolListOutcome } from '@switchyard/tool-cache';
import { LRUCache } from 'lru-cache';

import { type Opening, waysOf } from './runtime.ts';
import type { SiteListRequest, SiteLists } from './site-lists.ts';

/**
 * What a site's list is for one caller: with several credentials, the tools of all of them. Never rejects. Without a
 * promise where nothing is waited for.
 */
export type SiteOutcome = (opening: Opening, waitMs: number) => ToolListOutcome | Promise<ToolListOutcome>;

const MAX_UNITED = 500;

export function createSiteOutcome(lists: Pick<SiteLists, 'get' | 'fresh'>): SiteOutcome {
  const united = new LRUCache<string, StoredToolList>({ max: MAX_UNITED });

  function ask(request: SiteListRequest, waitMs: number): ToolListOutcome | Promise<ToolListOutcome> {
    const list = lists.fresh(request);
    return list ? { kind: 'list', list, age: 'fresh' } : lists.get(request, waitMs);
  }

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

  function join(outcomes: readonly ToolListOutcome[]): ToolListOutcome {
    const found = outcomes.filter((outcome) => outcome.kind === 'list');
    const list = unite(found.map((outcome) => outcome.list));
    // One credential's trouble takes no tools of the other away (I3).
    const [best] = found;
    return list && best ? { ...best, list } : (outcomes[0] ?? { kind: 'late' });
  }

  return (opening, waitMs) => {
    if (!opening.more) return ask(opening.request, waitMs);
    const outcomes = whenAll(waysOf(opening).map(({ request }) => ask(request, waitMs)));
    return outcomes instanceof Promise ? outcomes.then(join) : join(outcomes);
  };
}

type Outcomes = readonly (ToolListOutcome | Promise<ToolListOutcome>)[];

/** Promise.all without a promise where there is none. */
export function whenAll(all: Outcomes): readonly ToolListOutcome[] | Promise<ToolListOutcome[]> {
  return hasNoPromise(all) ? all : Promise.all(all.map((each) => Promise.resolve(each)));
}

function hasNoPromise(all: Outcomes): all is readonly ToolListOutcome[] {
  return !all.some((each) => each instanceof Promise);
}
