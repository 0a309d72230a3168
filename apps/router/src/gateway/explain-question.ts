import {
  isRecord,
  type Site,
  type SiteDirectory,
  splitToolName,
  type ToolIndex,
} from '@switchyard/catalogue';

/** What `switchyard_explain` is asked. */
export interface ExplainAsked {
  readonly tool: string;
  /** The site that the question or the tool's name says; absent: every site. */
  readonly site?: { readonly spelling: string; readonly found: Site | undefined };
}

/** Reads `{ tool, site? }`, where a tool may be named as in a list, `eng__getJiraIssue`; or says what is wrong. */
export function readExplainQuestion(args: unknown, directory: SiteDirectory): ExplainAsked | string {
  const { tool, site } = isRecord(args) ? args : {};
  if (!isName(tool)) return 'Invalid arguments: switchyard_explain needs "tool", the name of one';
  if (site === undefined) return siteOfName(tool, directory);
  if (!isName(site)) return 'Invalid arguments: "site" must be the name of a site';
  return { tool, site: { spelling: site, found: directory.find(site) } };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME;
}

const LONGEST_NAME = 256;

/** Two underscores that no site stands before are part of the tool's own name. */
function siteOfName(tool: string, directory: SiteDirectory): ExplainAsked {
  const spelling = splitToolName(tool)?.namespace ?? '';
  const found = directory.find(spelling);
  return found ? { tool, site: { spelling, found } } : { tool };
}

/** The site's own name of a tool that may be named as in a list, where long names are cut. */
export function upstreamName(tool: string, site: Site, indexes: readonly ToolIndex[]): string {
  if (indexes.some((index) => index.find(tool))) return tool;
  const rest = splitToolName(tool)?.rest ?? tool;
  const found = indexes.flatMap((index) => index.findAdvertised(site.name, rest) ?? [])[0];
  return found?.name ?? rest;
}
