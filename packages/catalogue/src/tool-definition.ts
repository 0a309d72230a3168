import {
  type Edits,
  editObject,
  elements,
  type Member,
  members,
  memberText,
  textOf,
} from '@switchyard/json-text';

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
  const prepared = prepare(entry);
  const edits: Record<string, string> = {
    ...prepared.edits,
    name: JSON.stringify(advertised.name),
    _meta: `${prepared.metaHead}"switchyard/site":${JSON.stringify(site.name)},"switchyard/cloudId":"${site.cloudId}",${prepared.metaTail}`,
  };
  if (advertised.bracket) edits['description'] = JSON.stringify(`[${site.title}] ${prepared.description}`);
  return editObject(entry.text, edits, prepared.members);
}

/** What is the same for every site that has this definition. */
interface Prepared {
  readonly members: readonly Member[];
  readonly edits: Readonly<Record<string, string>>;
  readonly description: string;
  /** `_meta` up to where the site's own facts stand, and from there on. */
  readonly metaHead: string;
  readonly metaTail: string;
}

/** Lists are kept by content, so that many sites share one definition: most of it is edited once. */
const known = new WeakMap<ToolEntry, Prepared>();

function prepare(entry: ToolEntry): Prepared {
  const before = known.get(entry);
  if (before) return before;
  const scanned = members(entry.text) ?? [];
  const of = (key: string): string | undefined => textOf(entry.text, scanned, key);
  const toolClass = classify(entry.name);
  const edits: Record<string, string> = {
    annotations: editOrCreate(of('annotations'), hints(of('annotations'), toolClass)),
  };
  if (entry.takesCloudId) edits['inputSchema'] = withoutCloudId(of('inputSchema') ?? '{}');
  const given = editOrCreate(of('_meta'), OWN_FACTS).slice(0, -1);
  const prepared: Prepared = {
    members: scanned,
    edits,
    description: parsedText(of('description')) ?? parsedText(of('title')) ?? entry.name,
    metaHead: given.length === 1 ? given : `${given},`,
    metaTail: `"switchyard/tool":${JSON.stringify(entry.name)},"switchyard/product":"${toolClass.product}","switchyard/access":"${toolClass.access}"}`,
  };
  known.set(entry, prepared);
  return prepared;
}

/** Upstream must not speak in our name. */
const OWN_FACTS: Edits = {
  'switchyard/site': undefined,
  'switchyard/cloudId': undefined,
  'switchyard/tool': undefined,
  'switchyard/product': undefined,
  'switchyard/access': undefined,
};

function parsedText(value: string | undefined): string | undefined {
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
function hints(given: string | undefined, { access, known: isKnown }: ToolClass): Edits {
  const own: Record<string, string> = { readOnlyHint: String(access === 'read') };
  if (access !== 'read') own['destructiveHint'] = String(access === 'delete' || !isKnown);
  return Object.fromEntries(
    Object.entries(own).filter(([key]) => memberText(given ?? '{}', key) === undefined),
  );
}

function editOrCreate(given: string | undefined, edits: Edits): string {
  return editObject(given?.startsWith('{') ? given : '{}', edits);
}
