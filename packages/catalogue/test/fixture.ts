// What the tests of this package stand on: sites, lists and calls in a few words.
import fc from 'fast-check';

import {
  callArguments,
  type Caller,
  type CloudId,
  type JudgedSite,
  createSiteDirectory,
  createView,
  type GappedText,
  locate,
  type Narrowing,
  parseCloudId,
  parseToolList,
  type Resolution,
  resolveCall,
  type Site,
  type SiteDirectory,
  type SiteEntry,
  type ToolIndex,
  type View,
} from '../src/index.ts';
import { ENVELOPES, KNOWN_TOOLS } from '../src/known-tools.ts';
import { LEVELS, PRODUCTS } from '../src/product.ts';

export const ALPHA: CloudId = cloudIdOf('11111111-aaaa-4aaa-8aaa-000000000001');
export const BETA: CloudId = cloudIdOf('22222222-bbbb-4bbb-8bbb-000000000002');
export const KNOWN_NAMES: readonly string[] = KNOWN_TOOLS.flatMap(({ tools }) => tools.trim().split(/\s+/));

export function cloudIdOf(text: string): CloudId {
  const cloudId = parseCloudId(text);
  if (cloudId === undefined) throw new Error(`no cloudId: ${text}`);
  return cloudId;
}

export function entryOf(cloudId: CloudId, rest: Partial<SiteEntry> = {}): SiteEntry {
  return {
    cloudId,
    url: `https://s${cloudId}.atlassian.net`,
    endpoint: 'https://mcp.example/v2/mcp',
    identity: 'personal',
    ...rest,
  };
}

/** A known element of a list; a test that asks for another is wrong itself. */
export function at<T>(list: readonly T[], position: number): T {
  const found = list[position];
  if (found === undefined) throw new Error(`nothing at ${position}`);
  return found;
}

/** JSON text of a tool with a `cloudId` in its schema. */
export function toolText(name: string): string {
  return JSON.stringify({
    name,
    description: `Does ${name}.`,
    inputSchema: { type: 'object', properties: { cloudId: { type: 'string' } }, required: ['cloudId'] },
  });
}

export function indexOf(...names: readonly string[]): ToolIndex {
  return parseToolList(`[${names.map(toolText).join(',')}]`);
}

/** A text with its gaps filled. */
export function wholeText({ template: { pieces, gaps }, values }: GappedText): string {
  return pieces.map((piece, each) => piece + (values[gaps[each] ?? -1] ?? '')).join('');
}

export interface Estate {
  readonly directory: SiteDirectory;
  readonly site: Site;
  readonly other: Site;
  readonly view: View;
}

/** Two sites, `eng` and `ops`; the rules under test are those of `eng`. */
export function estateOf(rest: Partial<SiteEntry> = {}, layers: readonly Narrowing[] = []): Estate {
  const directory = createSiteDirectory([
    entryOf(ALPHA, { alias: 'eng', url: 'https://alpha-eng.atlassian.net', ...rest }),
    entryOf(BETA, { alias: 'ops', url: 'https://beta-ops.atlassian.net' }),
  ]);
  const view = createView({ id: 'all', sites: directory.sites, single: false, layers });
  return { directory, view, site: at(directory.sites, 0), other: at(directory.sites, 1) };
}

export interface Call {
  readonly name: string;
  readonly args?: unknown;
  /** Instead of `args`, for what JSON.stringify would not write. */
  readonly argsText?: string;
  /** Absent: a list that holds the called tool. `none`: no list at hand. */
  readonly index?: ToolIndex | 'none';
  readonly caller?: Caller;
}

/** The way of a call through this package: the name to its site, then the rules. */
export function callAt(
  { directory, view }: Estate,
  { name, args = {}, argsText, index, caller = ANYBODY }: Call,
): Resolution {
  const target = locate(view, name, { sites: view.sites, directory });
  if (target?.kind !== 'site') return { kind: 'unknown', name, reason: 'unknown' };
  const text = argsText ?? JSON.stringify(args);
  return resolveCall({
    policy: view.policyFor(caller, target.site),
    target,
    index: index === 'none' ? undefined : (index ?? indexOf(target.rest)),
    args: callArguments(JSON.parse(text) as Record<string, unknown>, text),
    directory,
    name,
  });
}

/** A caller about whom no rule and no pick is. */
const ANYBODY: Caller = { id: 'caller', method: 'oauth', groups: [], cloudIds: new Set<string>() };

/** A site with what its view lets anybody do there. */
export function judged(view: View, site: Site): JudgedSite {
  return { site, policy: view.policyFor(ANYBODY, site) };
}

export function callerOf(rest: Partial<Caller> = {}): Caller {
  return { id: 'caller', method: 'basic', groups: [], cloudIds: new Set<string>(), ...rest };
}

/** Every kind of name that policy treats differently. */
export const toolNames: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...KNOWN_NAMES),
  fc.constantFrom(...Object.keys(ENVELOPES), 'discover', 'getToolDescription'),
  fc.constantFrom('bitbucketPullRequest', 'bitbucketEnvironment', 'bitbucketPipeline', 'bitbucketUser'),
  fc.constantFrom('deleteEverything', 'frobnicateJira', 'readJiraSecrets', 'brandNewTool', 'constructor'),
);

const globs = fc.array(
  fc.constantFrom(
    '*',
    'get*',
    '*Jira*',
    'execute*',
    'executeRead',
    'delete*',
    'bitbucket*',
    'createJir?Issue',
  ),
  { maxLength: 3 },
);

const toolGlobs = fc.record({ allow: globs, deny: globs }, { requiredKeys: [] });

const products = fc.dictionary(fc.constantFrom(...PRODUCTS), fc.constantFrom(...LEVELS), {
  maxKeys: 6,
  noNullPrototype: true,
});

export const layer: fc.Arbitrary<Narrowing> = fc.record(
  {
    products,
    readOnly: fc.boolean(),
    tools: toolGlobs,
    capabilities: fc.array(
      fc.record({
        verb: fc.constantFrom('read', 'search', 'write', 'manage', 'delete'),
        product: fc.constantFrom('jira', 'confluence', 'bitbucket', 'rovo'),
      }),
      { maxLength: 4 },
    ),
  },
  { requiredKeys: [] },
);

export const siteRules: fc.Arbitrary<Partial<SiteEntry>> = fc.record(
  { identity: fc.constantFrom('personal', 'shared'), products, tools: toolGlobs },
  { requiredKeys: [] },
);
