import { type Edits, editObject, elements, memberText } from '@switchyard/json-text';

import type { Site } from './model.ts';
import type { ToolClass } from './tool-class.ts';
import { classify } from './tool-class.ts';
import type { ToolEntry } from './tool-index.ts';

/**
 * A tool's definition as clients see it: everything that upstream said stays byte for byte, except
 * the name, the bracket before the description, the `cloudId` that Switchyard fills in, and the
 * facts that it adds to `_meta` and, where upstream has none, to the annotations.
 */
export function renderTool(
  entry: ToolEntry,
  site: Site,
  advertised: { name: string; bracket: boolean },
): string {
  const toolClass = classify(entry.name);
  const edits: Record<string, string | undefined> = { name: JSON.stringify(advertised.name) };
  if (advertised.bracket) edits['description'] = JSON.stringify(describe(entry, site));
  if (entry.takesCloudId)
    edits['inputSchema'] = withoutCloudId(memberText(entry.text, 'inputSchema') ?? '{}');
  edits['annotations'] = editOrCreate(memberText(entry.text, 'annotations'), hints(entry, toolClass));
  edits['_meta'] = editOrCreate(memberText(entry.text, '_meta'), facts(entry, site, toolClass));
  return editObject(entry.text, edits);
}

function describe(entry: ToolEntry, site: Site): string {
  const own = text(entry, 'description') ?? text(entry, 'title') ?? entry.name;
  return `[${site.title}] ${own}`;
}

function text(entry: ToolEntry, key: string): string | undefined {
  const value = memberText(entry.text, key);
  const parsed: unknown = value === undefined ? undefined : JSON.parse(value);
  return typeof parsed === 'string' ? parsed : undefined;
}

function withoutCloudId(schema: string): string {
  const properties = memberText(schema, 'properties') ?? '{}';
  const edits: Record<string, string | undefined> = {
    properties: editObject(properties, { cloudId: undefined }),
  };
  const required = memberText(schema, 'required');
  const rest = elements(required ?? '')?.filter((each) => JSON.parse(each) !== 'cloudId');
  // Draft 4 readers refuse an empty `required`.
  if (rest) edits['required'] = rest.length > 0 ? `[${rest.join(',')}]` : undefined;
  return editObject(schema, edits);
}

/** Hints that upstream gives itself are kept; Rovo was never seen to give any, and clients ask before each call without them. */
function hints(entry: ToolEntry, { access, known }: ToolClass): Edits {
  const given = memberText(entry.text, 'annotations') ?? '{}';
  const own: Record<string, string> = { readOnlyHint: String(access === 'read') };
  if (access !== 'read') own['destructiveHint'] = String(access === 'delete' || !known);
  return Object.fromEntries(Object.entries(own).filter(([key]) => memberText(given, key) === undefined));
}

function facts(entry: ToolEntry, site: Site, { product, access }: ToolClass): Edits {
  return {
    'switchyard/site': JSON.stringify(site.name),
    'switchyard/cloudId': JSON.stringify(site.cloudId),
    'switchyard/tool': JSON.stringify(entry.name),
    'switchyard/product': JSON.stringify(product),
    'switchyard/access': JSON.stringify(access),
  };
}

function editOrCreate(given: string | undefined, edits: Edits): string {
  return editObject(given?.startsWith('{') ? given : '{}', edits);
}
