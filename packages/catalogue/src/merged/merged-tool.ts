import { memberText } from '@switchyard/json-text';

import { canonicalOf } from '../diff-tools.ts';
import type { Site } from '../model.ts';
import { classify, type ToolClass } from '../tool-class.ts';
import type { ToolEntry } from '../tool-index.ts';
import { fitToolName } from '../tool-name.ts';
import { schemaOf } from '../tool-schema.ts';
import { type ShownSite, shownEntries } from './shown-site.ts';

/** One tool over all sites that offer it. */
export interface MergedTool {
  /** As clients see it. */
  readonly name: string;
  /** As the sites call it. */
  readonly tool: string;
  readonly toolClass: ToolClass;
  /** In the order of the configuration. */
  readonly sites: readonly Site[];
  /** Its distinct definitions, the first site's first. */
  readonly variants: readonly ToolVariant[];
}

/** A definition, and the sites that have it. */
export interface ToolVariant {
  readonly entry: ToolEntry;
  readonly sites: readonly Site[];
}

/** The argument that says the site; the second where a tool has an argument of that name itself. */
export const SITE_ARGUMENT = 'site';
export const OWN_SITE_ARGUMENT = 'switchyard_site';

/** Each distinct tool once, in the order of its first appearance. */
export function collectTools(shown: readonly ShownSite[]): MergedTool[] {
  const byName = new Map<string, Map<string, { entry: ToolEntry; sites: Site[] }>>();
  for (const each of shown) {
    for (const entry of shownEntries(each)) {
      const variants = byName.get(entry.name) ?? new Map<string, { entry: ToolEntry; sites: Site[] }>();
      const key = canonicalOf(entry);
      const variant = variants.get(key) ?? { entry, sites: [] };
      variant.sites.push(each.site);
      byName.set(entry.name, variants.set(key, variant));
    }
  }
  const order = shown.map(({ site }) => site);
  return [...byName].map(([tool, variants]) => mergedTool(tool, [...variants.values()], order));
}

function mergedTool(tool: string, variants: readonly ToolVariant[], order: readonly Site[]): MergedTool {
  const offering = new Set(variants.flatMap(({ sites }) => sites));
  return {
    name: fitToolName(tool),
    tool,
    toolClass: classify(tool),
    sites: order.filter((site) => offering.has(site)),
    variants,
  };
}

/** Whether a tool has an argument called `site` of its own, which then stays the tool's. */
export function ownsSite(entry: ToolEntry | undefined): boolean {
  return entry !== undefined && Object.hasOwn(schemaOf(entry).properties, SITE_ARGUMENT);
}

/** What people read first: the title, also where it stands among the annotations. */
export function titleOf({ text }: ToolEntry): string | undefined {
  return textIn(text, 'title') ?? textIn(memberText(text, 'annotations') ?? '', 'title');
}

/** A member of an object's text that is a text; undefined where it is something else. */
function textIn(object: string, key: string): string | undefined {
  const value: unknown = JSON.parse(memberText(object, key) ?? 'null');
  return typeof value === 'string' ? value : undefined;
}
