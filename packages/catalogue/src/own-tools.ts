import { LEAN_DEFINITIONS, LEAN_TOOLS, type LeanTool } from './lean/lean-tools.ts';
import { FETCH_TOOL, SEARCH_DEFINITIONS, SEARCH_TOOL } from './search/search-tools.ts';
import type { View } from './view.ts';

/** Tools of Switchyard's own: always listed, never namespaced, answered without any upstream call. */
export const SITES_TOOL = 'switchyard_sites';
export const EXPLAIN_TOOL = 'switchyard_explain';

export type OwnTool =
  | typeof SITES_TOOL
  | typeof EXPLAIN_TOOL
  | typeof SEARCH_TOOL
  | typeof FETCH_TOOL
  | LeanTool;

const ALWAYS: readonly OwnTool[] = [SITES_TOOL, EXPLAIN_TOOL];
const ACROSS: readonly OwnTool[] = [SEARCH_TOOL, FETCH_TOOL];

/** The own tool that a name means on a view: those over all sites exist where there can be several. */
export function ownTool({ mode, single }: View, name: string): OwnTool | undefined {
  const here = [...ALWAYS, ...(single ? [] : ACROSS), ...(mode === 'lean' ? LEAN_TOOLS : [])];
  return here.find((each) => each === name);
}

/** Their definitions; `searchable`: at least one site can be searched. */
export function ownDefinitions({ mode, single }: View, searchable: boolean): string[] {
  return [
    ...OWN_TOOLS,
    ...(mode === 'lean' ? LEAN_DEFINITIONS : []),
    ...(searchable && !single ? SEARCH_DEFINITIONS : []),
  ];
}

/** The definitions' JSON texts, in the order of the list. */
export const OWN_TOOLS: readonly string[] = [
  JSON.stringify({
    name: SITES_TOOL,
    title: 'Connected Atlassian sites',
    description:
      'Lists the Atlassian sites behind this connector: their names as used in tool names, their state, how many tools each offers, and what to do about a site that has trouble.',
    inputSchema: { type: 'object', properties: {}, additionalProperties: false },
    outputSchema: {
      type: 'object',
      properties: { sites: { type: 'array', items: { type: 'object' } } },
      required: ['sites'],
    },
    annotations: { readOnlyHint: true, openWorldHint: false },
    _meta: { 'switchyard/product': 'platform', 'switchyard/access': 'read' },
  }),
  JSON.stringify({
    name: EXPLAIN_TOOL,
    title: 'Why is a tool not there?',
    description:
      'Says why a tool of a site is or is not available to you: each step with its verdict, who can change it and where. Use it when a tool that was expected is missing or was refused.',
    inputSchema: {
      type: 'object',
      properties: {
        tool: { type: 'string', description: 'The name of a tool, with or without its site in front.' },
        site: { type: 'string', description: 'A site by name or address. Omitted: every site.' },
      },
      required: ['tool'],
      additionalProperties: false,
    },
    outputSchema: {
      type: 'object',
      properties: { explanations: { type: 'array', items: { type: 'object' } } },
      required: ['explanations'],
    },
    annotations: { readOnlyHint: true, openWorldHint: false },
    _meta: { 'switchyard/product': 'platform', 'switchyard/access': 'read' },
  }),
];
