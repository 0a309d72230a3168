import { duplicateIn, editObject, textOf } from '@switchyard/json-text';

import { type CallArguments, callArguments } from '../call-arguments.ts';
import type { ToolIndex } from '../tool-index.ts';
import { schemaOf, type ToolSchema } from '../tool-schema.ts';

/** One tool under its names of both generations of Atlassian's server. */
interface Rename {
  readonly v1: string;
  readonly v2: string;
  /** Arguments that only changed their names, v1 to v2. */
  readonly renamed?: Readonly<Record<string, string>>;
  /**
   * Whether a call can be carried over when its arguments fit. Not where the same argument means something else: bodies
   * and formats of Confluence.
   */
  readonly carries?: true;
}

/**
 * Field reports of a v2 catalogue audited live on 2026-09-23; links, link types and worklogs by what both generations
 * document. Where two v1 tools became one, only the way from v1 is told.
 */
const RENAMES: readonly Rename[] = [
  { v1: 'getJiraProjectIssueTypesMetadata', v2: 'listJiraProjectIssueTypesMetadata', carries: true },
  { v1: 'getJiraIssueRemoteIssueLinks', v2: 'listJiraIssueRemoteIssueLinks', carries: true },
  { v1: 'getVisibleJiraProjects', v2: 'listJiraProjects', carries: true },
  { v1: 'getTransitionsForJiraIssue', v2: 'listJiraIssueTransitions', carries: true },
  { v1: 'getIssueLinkTypes', v2: 'listJiraIssueLinkTypes', carries: true },
  { v1: 'addCommentToJiraIssue', v2: 'addOrEditJiraIssueComment', carries: true },
  { v1: 'addWorklogToJiraIssue', v2: 'addOrEditJiraIssueWorklog', carries: true },
  { v1: 'createIssueLink', v2: 'createJiraIssueLink', carries: true },
  { v1: 'createJiraIssue', v2: 'createJiraIssue', renamed: { issueTypeName: 'issueType' }, carries: true },
  { v1: 'getConfluencePage', v2: 'getConfluenceContent', renamed: { pageId: 'contentId' }, carries: true },
  { v1: 'getPagesInConfluenceSpace', v2: 'listConfluenceContent' },
  { v1: 'getConfluenceSpaces', v2: 'listConfluenceSpaces', carries: true },
  { v1: 'getConfluencePageFooterComments', v2: 'listConfluenceComments' },
  { v1: 'getConfluencePageInlineComments', v2: 'listConfluenceComments' },
  { v1: 'createConfluencePage', v2: 'createConfluenceContent' },
  { v1: 'updateConfluencePage', v2: 'updateConfluenceContent' },
  { v1: 'createConfluenceFooterComment', v2: 'createConfluenceComment' },
  { v1: 'createConfluenceInlineComment', v2: 'createConfluenceComment' },
  { v1: 'searchConfluenceUsingCql', v2: 'searchConfluence', carries: true },
  { v1: 'searchAtlassian', v2: 'search' },
];

/** What became of a name of the other generation at a site: the tool that stands for it, with arguments if they fit. */
export interface Successor {
  readonly tool: string;
  readonly args: CallArguments | undefined;
}

/** v1 tools that no one tool of v2 stands for: several do, or none that anybody has reported. */
const GONE_IN_V2 = new Set(
  `bitbucketDeployment bitbucketEnvironment bitbucketPipeline bitbucketPullRequest bitbucketRepoContent
   bitbucketRepository bitbucketUser bitbucketWorkspace createCompassComponent createCompassComponentRelationship
   createCompassCustomFieldDefinition getCompassComponent getCompassComponentActivityEvents getCompassComponentLabels
   getCompassComponentTypes getCompassComponents getCompassComponentsOwnedByMyTeams getCompassCustomFieldDefinitions
   fetch fetchAtlassian getConfluenceCommentChildren getConfluencePageAncestors getConfluencePageDescendants`.split(
    /\s+/,
  ),
);

/** The v1 tools whose names v2 does not have, each with the name that it has there; undefined: none. */
export const V1_NAMES: ReadonlyMap<string, string | undefined> = new Map([
  ...RENAMES.filter(({ v1, v2 }) => v1 !== v2).map(({ v1, v2 }) => [v1, v2] as const),
  ...[...GONE_IN_V2].map((name) => [name, undefined] as const),
]);

/**
 * Where a call by a name or with an argument of the other generation leads at a site; undefined when neither changed, or
 * the site has no such tool. Decided by the site's own schema: a v2 site drops arguments that it does not know.
 */
export function successorOf(index: ToolIndex, name: string, args: CallArguments): Successor | undefined {
  const ways = WAYS.get(name);
  if (!ways) return undefined;
  const isThere = index.find(name) !== undefined;
  const way = ways.find(({ tool }) => (isThere ? tool === name : index.find(tool) !== undefined));
  const entry = way && index.find(way.tool);
  if (!way || !entry) return undefined;
  const schema = schemaOf(entry);
  const renamed = rename(args, way.renamed, schema);
  if (isThere) return renamed === args ? undefined : { tool: name, args: renamed };
  return { tool: way.tool, args: way.carries && fits(renamed, schema) ? renamed : undefined };
}

interface Way {
  readonly tool: string;
  readonly renamed: readonly (readonly [from: string, to: string])[];
  readonly carries: boolean;
}

const WAYS: ReadonlyMap<string, readonly Way[]> = new Map(
  RENAMES.flatMap(({ v1, v2 }) => [v1, v2]).map((name) => [name, waysFrom(name)]),
);

function waysFrom(name: string): Way[] {
  const forth = RENAMES.filter(({ v1 }) => v1 === name);
  const back = RENAMES.filter(({ v1, v2 }) => v2 === name && v1 !== v2);
  return [
    ...forth.map((row) => wayOf(row, row.v2)),
    ...(back.length === 1 ? back.map((row) => wayOf(row, row.v1)) : []),
  ];
}

/** Arguments go either way: the schema that is there says which. */
function wayOf({ renamed = {}, carries }: Rename, tool: string): Way {
  const names = Object.entries(renamed);
  return {
    tool,
    carries: carries === true,
    renamed: [...names, ...names.map(([from, to]) => [to, from] as const)],
  };
}

/** Only an argument that the site does not know by the name it came with. */
function rename(args: CallArguments, names: Way['renamed'], { properties }: ToolSchema): CallArguments {
  const due = names.filter(
    ([from, to]) =>
      Object.hasOwn(args.value, from) &&
      !Object.hasOwn(args.value, to) &&
      !Object.hasOwn(properties, from) &&
      Object.hasOwn(properties, to),
  );
  // What is there twice is refused as it came.
  if (due.length === 0 || duplicateIn(args.members) !== undefined) return args;
  const edits: Record<string, string | undefined> = {};
  const value: Record<string, unknown> = { ...args.value };
  for (const [from, to] of due) {
    edits[from] = undefined;
    edits[to] = textOf(args.text, args.members, from);
    value[to] = value[from];
    delete value[from];
  }
  return callArguments(value, editObject(args.text, edits, args.members));
}

function fits({ value }: CallArguments, { properties, required }: ToolSchema): boolean {
  const given = Object.keys(value).filter((key) => key !== 'cloudId');
  return (
    given.every((key) => Object.hasOwn(properties, key)) &&
    required.every((key) => key === 'cloudId' || given.includes(key))
  );
}
