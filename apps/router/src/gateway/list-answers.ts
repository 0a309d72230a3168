import { createHash } from 'node:crypto';

import { listResult, type SiteRow, siteRowJson, type SiteStatus, type View } from '@switchyard/catalogue';
import type { ToolListOutcome } from '@switchyard/tool-cache';
import { LRUCache } from 'lru-cache';

import type { ListBudgets } from './list-budgets.ts';
import type { Opening } from './runtime.ts';
import type { CollectSiteTools, SitesAsked, SiteTools } from './site-tools.ts';
import { textBytes } from './text-bytes.ts';

/** The result of tools/list as ready bytes: the same object for equal lists, as long as it is kept. */
export interface ListAnswer {
  readonly bytes: Buffer;
  /** Another for another view, policy, list or state of a site. */
  readonly key: string;
}

/** Answers to tools/list and to `switchyard_sites`. */
export interface ListAnswers {
  /** Without a promise where all lists are fresh in memory. */
  tools(asked: SitesAsked): ListAnswer | Promise<ListAnswer>;
  sites(asked: SitesAsked): Promise<string>;
}

const MAX_BYTES = 128 * 1024 * 1024;

type Statuses = Readonly<Partial<Record<SiteStatus, number>>>;

/** What an answer was made of: nothing else goes into it, so as long as this holds it is the answer. */
interface Made {
  /** Of the lists, all of them fresh, in the order of the openings. */
  readonly hashes: readonly string[];
  readonly key: string;
  readonly statuses: Statuses;
}

export function createListAnswers(options: {
  readonly collect: CollectSiteTools;
  readonly budgets: Pick<ListBudgets, 'note'>;
  readonly onDiscovery: (statuses: Statuses, durationMs: number) => void;
}): ListAnswers {
  const { collect, budgets, onDiscovery } = options;
  const answers = new LRUCache<string, ListAnswer>({
    maxSize: MAX_BYTES,
    sizeCalculation: ({ bytes, key }) => bytes.length + key.length,
  });
  // Openings are of one caller on one URL, and the same object as long as both are known.
  const lastMade = new WeakMap<readonly Opening[], Made>();

  function answer(asked: SitesAsked, outcomes: readonly ToolListOutcome[], startedAt: number): ListAnswer {
    const before = lastMade.get(asked.openings);
    const same = before && isMadeOf(before, outcomes) ? answers.get(before.key) : undefined;
    if (before && same) {
      onDiscovery(before.statuses, performance.now() - startedAt);
      return same;
    }
    const parts = collect.show(asked, outcomes);
    const statuses = count(parts);
    onDiscovery(statuses, performance.now() - startedAt);
    const key = keyOf(asked.view, parts);
    if (outcomes.every(isFresh)) {
      const hashes = outcomes.map(({ list }) => list.hash);
      lastMade.set(asked.openings, { hashes, key, statuses });
    }
    return answers.get(key) ?? make(asked.view, key, parts);
  }

  function make(view: View, key: string, parts: readonly SiteTools[]): ListAnswer {
    const { texts, tools } = listResult(view, parts);
    const made = { bytes: textBytes(texts), key };
    answers.set(key, made);
    budgets.note(view, { tools, result: () => answers.peek(key)?.bytes });
    return made;
  }

  return {
    tools(asked) {
      const startedAt = performance.now();
      const outcomes = collect.ask(asked);
      if (outcomes instanceof Promise) return outcomes.then((all) => answer(asked, all, startedAt));
      return answer(asked, outcomes, startedAt);
    },
    async sites(asked) {
      const startedAt = performance.now();
      const parts = collect.show(asked, await collect.ask(asked));
      onDiscovery(count(parts), performance.now() - startedAt);
      return sitesResult(parts.map(({ row }) => row));
    },
  };
}

type FreshList = Extract<ToolListOutcome, { kind: 'list' }>;

function isFresh(outcome: ToolListOutcome): outcome is FreshList {
  return outcome.kind === 'list' && outcome.age === 'fresh';
}

function isMadeOf({ hashes }: Made, outcomes: readonly ToolListOutcome[]): boolean {
  for (let at = 0; at < outcomes.length; at += 1) {
    const outcome = outcomes[at];
    if (!outcome || !isFresh(outcome) || outcome.list.hash !== hashes[at]) return false;
  }
  return true;
}

function keyOf(view: View, parts: readonly SiteTools[]): string {
  const signatures = parts.map(({ signature }) => signature);
  return createHash('sha256')
    .update([view.id, ...signatures].join('\n'))
    .digest('base64url');
}

function count(parts: readonly SiteTools[]): Statuses {
  const counts: Partial<Record<SiteStatus, number>> = {};
  for (const { row } of parts) counts[row.status] = (counts[row.status] ?? 0) + 1;
  return counts;
}

function sitesResult(rows: readonly SiteRow[]): string {
  const sites = rows.map((row) => ({
    ...siteRowJson(row),
    url: row.site.url,
    title: row.site.title,
    shared: row.site.identity === 'shared',
  }));
  const structuredContent = { sites };
  return JSON.stringify({
    content: [{ type: 'text', text: JSON.stringify(structuredContent) }],
    structuredContent,
  });
}
