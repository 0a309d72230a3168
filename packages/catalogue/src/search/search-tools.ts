import { shownEntries, type ShownSite } from '../merged/shown-site.ts';
import type { ToolEntry } from '../tool-index.ts';
import { schemaOf } from '../tool-schema.ts';

/** Search and fetch over all sites, in the form that ChatGPT's connectors and deep research expect. */
export const SEARCH_TOOL = 'search';
export const FETCH_TOOL = 'fetch';

/** Rovo's search under the names of both generations. */
const ROVO_SEARCH: readonly string[] = ['search', 'searchAtlassian'];

const HIT = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    title: { type: 'string' },
    url: { type: 'string' },
    text: { type: 'string' },
    site: { type: 'string' },
    metadata: { type: 'object' },
  },
  required: ['id', 'title', 'url'],
};

/** The definitions' JSON texts. */
export const SEARCH_DEFINITIONS: readonly string[] = [
  JSON.stringify({
    name: SEARCH_TOOL,
    title: 'Search all Atlassian sites',
    description:
      'Searches Jira and Confluence on all connected Atlassian sites at once. Each hit says its site; fetch reads one by its id.',
    inputSchema: {
      type: 'object',
      properties: { query: { type: 'string', description: 'What to look for, in plain words.' } },
      required: ['query'],
      additionalProperties: false,
    },
    outputSchema: {
      type: 'object',
      properties: { results: { type: 'array', items: HIT }, notice: { type: 'string' } },
      required: ['results'],
    },
    annotations: { readOnlyHint: true },
    _meta: { 'switchyard/product': 'rovo', 'switchyard/access': 'read' },
  }),
  JSON.stringify({
    name: FETCH_TOOL,
    title: 'Read a search hit',
    description: 'Reads the whole text of one hit of search, by its id.',
    inputSchema: {
      type: 'object',
      properties: { id: { type: 'string', description: 'The id of a hit.' } },
      required: ['id'],
      additionalProperties: false,
    },
    outputSchema: { ...HIT, required: ['id', 'title', 'text', 'url'] },
    annotations: { readOnlyHint: true },
    _meta: { 'switchyard/product': 'rovo', 'switchyard/access': 'read' },
  }),
];

/** The tool by which a site is searched for this caller; undefined when it has none. */
export function searchToolOf({ policy, index }: Omit<ShownSite, 'site'>): string | undefined {
  return ROVO_SEARCH.find((name) => index.find(name) !== undefined && policy.shows(name));
}

/** A call at the site that reads one thing. */
export interface FetchCall {
  readonly tool: string;
  readonly args: Readonly<Record<string, string>>;
}

/** The kinds of things that are told by their resource name or address. */
interface Thing {
  readonly kind: 'issue' | 'page';
  readonly id: string;
}

const PATTERNS: readonly (readonly [RegExp, Thing['kind']])[] = [
  [/^ari:cloud:jira:[^:]*:issue\/(?:[^/]*\/)?([\w-]+)$/i, 'issue'],
  [/^ari:cloud:confluence:[^:]*:(?:page|blogpost)\/(?:[^/]*\/)?(\d+)$/i, 'page'],
  [/^https?:\/\/[^/]+\/browse\/([\w-]+)(?:[?#].*)?$/i, 'issue'],
  [/^https?:\/\/[^/]+\/wiki\/.*\/(?:pages|blog)\/(?:\d+\/\d+\/\d+\/)?(\d+)(?:[/?#].*)?$/i, 'page'],
];

function thingOf(id: string): Thing | undefined {
  for (const [pattern, kind] of PATTERNS) {
    const found = pattern.exec(id)?.[1];
    if (found !== undefined) return { kind, id: found };
  }
  return undefined;
}

/** Ways to read one thing, the best first; where Rovo's own fetch is missing (v2), the tool of the product. */
const FETCH_WAYS: readonly {
  readonly tool: string;
  /** Absent: any id of a hit. */
  readonly kind?: Thing['kind'];
  /** Names that the argument has been seen under. */
  readonly argument: readonly string[];
  readonly more?: Readonly<Record<string, string>>;
}[] = [
  { tool: 'fetch', argument: ['id'] },
  { tool: 'fetchAtlassian', argument: ['id'] },
  { tool: 'getJiraIssue', kind: 'issue', argument: ['issueIdOrKey'], more: { view: 'full' } },
  {
    tool: 'getConfluenceContent',
    kind: 'page',
    argument: ['contentId', 'content_id'],
    more: { detail: 'full' },
  },
  { tool: 'getConfluencePage', kind: 'page', argument: ['pageId'] },
];

/** How a site reads a hit for this caller; undefined when none of its tools can. */
export function fetchCallOf(shown: Omit<ShownSite, 'site'>, id: string): FetchCall | undefined {
  const entries = shownEntries(shown);
  const thing = thingOf(id);
  for (const { tool, kind, argument, more } of FETCH_WAYS) {
    const entry = entries.find(({ name }) => name === tool);
    const value = kind === undefined ? id : thing?.kind === kind ? thing.id : undefined;
    if (entry && value !== undefined) return { tool, args: argumentsFor(entry, { argument, value, more }) };
  }
  return undefined;
}

function argumentsFor(
  entry: ToolEntry,
  {
    argument,
    value,
    more = {},
  }: { argument: readonly string[]; value: string; more: Readonly<Record<string, string>> | undefined },
): Record<string, string> {
  const { properties } = schemaOf(entry);
  const name = argument.find((each) => Object.hasOwn(properties, each)) ?? argument[0] ?? 'id';
  const known = Object.entries(more).filter(([key]) => Object.hasOwn(properties, key));
  return { [name]: value, ...Object.fromEntries(known) };
}
