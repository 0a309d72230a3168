import MiniSearch from 'minisearch';

import { type MergedTool, titleOf } from '../merged/merged-tool.ts';
import type { Access, Site } from '../model.ts';
import type { ToolProduct } from '../product.ts';
import { descriptionOf } from '../tool-definition.ts';

/** Full-text search over the tools of one list. */
export interface ToolSearch {
  /** Best first; the same question finds the same tools in the same order. */
  find(query: string, filter: ToolFilter): FoundTools;
}

interface ToolFilter {
  readonly site?: Site | undefined;
  readonly product?: ToolProduct | undefined;
  readonly access?: Access | undefined;
  readonly limit: number;
}

export interface FoundTools {
  readonly tools: readonly MergedTool[];
  /** How many there are beyond the limit too. */
  readonly total: number;
}

/** A name says more than a sentence about it. */
const FIELDS = { name: 4, title: 2, product: 2, description: 1 } as const;

/** What people call things that Atlassian calls otherwise. */
const OTHER_WORDS: Readonly<Record<string, readonly string[]>> = {
  ticket: ['issue'],
  bug: ['issue'],
  story: ['issue'],
  wiki: ['confluence'],
  document: ['page', 'content'],
  page: ['content'],
  pr: ['pull', 'request'],
  repo: ['repository'],
  video: ['loom'],
  remove: ['delete'],
  update: ['edit'],
  change: ['edit', 'update'],
  show: ['get'],
  read: ['get'],
};

/** Builds the index once; asking it needs no more than a look-up for each word. */
export function createToolSearch(tools: readonly MergedTool[]): ToolSearch {
  const index = new MiniSearch({
    fields: Object.keys(FIELDS),
    tokenize: wordsOf,
    searchOptions: {
      tokenize: (query) => wordsOf(query).flatMap((word) => [word, ...(OTHER_WORDS[word] ?? [])]),
      boost: FIELDS,
      prefix: (word) => word.length > 2,
      fuzzy: (word) => (word.length > 3 ? 0.2 : false),
    },
  });
  index.addAll(tools.map((tool, id) => documentOf(tool, id)));

  return {
    find(query, { limit, ...filter }) {
      const ranked = wordsOf(query).length === 0 ? tools : rank(query);
      const fitting = ranked.filter((tool) => fits(tool, filter));
      return { tools: fitting.slice(0, limit), total: fitting.length };
    },
  };

  function rank(query: string): MergedTool[] {
    const hits = index.search(query).map(({ id, score }) => ({ at: Number(id), score }));
    return hits
      .toSorted((one, other) => other.score - one.score || one.at - other.at)
      .flatMap(({ at }) => tools[at] ?? []);
  }
}

function documentOf({ tool, toolClass, variants }: MergedTool, id: number): Record<string, unknown> {
  const entry = variants[0]?.entry;
  return {
    id,
    name: `${tool} ${tool.toLowerCase()}`,
    product: toolClass.product,
    title: (entry && titleOf(entry)) ?? '',
    description: entry ? descriptionOf(entry) : '',
  };
}

/** `searchJiraIssuesUsingJql` is five words. */
function wordsOf(text: string): string[] {
  const parted = text.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll(/([A-Z])([A-Z][a-z])/g, '$1 $2');
  return parted
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}

function fits(
  { sites, toolClass }: MergedTool,
  { site, product, access }: Omit<ToolFilter, 'limit'>,
): boolean {
  if (site && !sites.includes(site)) return false;
  if (product && toolClass.product !== product) return false;
  return !access || toolClass.access === access || toolClass.leastAccess === access;
}
