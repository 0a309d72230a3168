import { listResult, type SiteRow, siteRowJson, type SiteStatus, type View } from '@switchyard/catalogue';
import { LRUCache } from 'lru-cache';

import type { ListBudgets } from './list-budgets.ts';
import type { Opening } from './runtime.ts';
import type { CollectSiteTools, SiteTools } from './site-tools.ts';

/** Answers to tools/list and to `switchyard_sites`: results as ready bytes, the same for equal lists. */
export interface ListAnswers {
  tools(view: View, openings: readonly Opening[], deadlineMs: number): Promise<Buffer>;
  sites(view: View, openings: readonly Opening[], deadlineMs: number): Promise<string>;
}

const MAX_BYTES = 128 * 1024 * 1024;

export function createListAnswers(options: {
  readonly collect: CollectSiteTools;
  readonly budgets: Pick<ListBudgets, 'note'>;
  readonly onDiscovery: (statuses: Readonly<Partial<Record<SiteStatus, number>>>, durationMs: number) => void;
}): ListAnswers {
  const answers = new LRUCache<string, Buffer>({
    maxSize: MAX_BYTES,
    sizeCalculation: (bytes, key) => bytes.length + key.length,
  });

  async function gather(view: View, openings: readonly Opening[], deadlineMs: number): Promise<SiteTools[]> {
    const startedAt = performance.now();
    const parts = await options.collect(view, openings, deadlineMs);
    options.onDiscovery(count(parts.map(({ row }) => row.status)), performance.now() - startedAt);
    return parts;
  }

  return {
    async tools(view, openings, deadlineMs) {
      const parts = await gather(view, openings, deadlineMs);
      const key = `${view.id}\n${parts.map(({ signature }) => signature).join('\n')}`;
      const known = answers.get(key);
      if (known) return known;
      const { text, tools } = listResult(view, parts);
      const bytes = Buffer.from(text);
      answers.set(key, bytes);
      options.budgets.note(view, { tools, result: () => answers.peek(key) });
      return bytes;
    },
    async sites(view, openings, deadlineMs) {
      const parts = await gather(view, openings, deadlineMs);
      return sitesResult(parts.map(({ row }) => row));
    },
  };
}

function count(statuses: readonly SiteStatus[]): Partial<Record<SiteStatus, number>> {
  const counts: Partial<Record<SiteStatus, number>> = {};
  for (const status of statuses) counts[status] = (counts[status] ?? 0) + 1;
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
