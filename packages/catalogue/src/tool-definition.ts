import {
  type Edits,
  editObject,
  elements,
  type Member,
  memberText,
  membersAlong,
  textOf,
} from '@switchyard/json-text';

import type { ToolClass } from './tool-class.ts';
import { classify } from './tool-class.ts';
import type { ToolEntry } from './tool-index.ts';

/** The members of a definition, of its schema, and of that one's properties; each as far as there is such an object. */
type Levels = readonly (readonly Member[])[];

/** The parts of a definition are asked for one after another: the last one that was walked is kept. */
let last: { readonly text: string; readonly levels: Levels } = { text: '', levels: [] };

function levelsOf({ text }: ToolEntry): Levels {
  if (last.text !== text) last = { text, levels: membersAlong(text, ['inputSchema', 'properties']) };
  return last.levels;
}

/** The members of its text's object. */
export function definitionMembers(entry: ToolEntry): readonly Member[] {
  return levelsOf(entry)[0] ?? [];
}

function part(entry: ToolEntry, key: string): string | undefined {
  return textOf(entry.text, definitionMembers(entry), key);
}

/** A tool's schema as clients see it: without the `cloudId` that Switchyard fills in. */
export function shownSchema(entry: ToolEntry): string {
  const schema = part(entry, 'inputSchema') ?? '{}';
  const [, ofSchema = [], ofProperties = []] = levelsOf(entry);
  return entry.takesCloudId ? withoutCloudId(schema, ofSchema, ofProperties) : schema;
}

/** Its annotations, with hints of Switchyard's own where upstream has none. */
export function annotationsOf(entry: ToolEntry): string {
  const given = part(entry, 'annotations');
  return editOrCreate(given, hints(given, classify(entry.name)));
}

/** What it does; where upstream does not say it, its title or name. */
export function descriptionOf(entry: ToolEntry): string {
  return parsedText(part(entry, 'description')) ?? parsedText(part(entry, 'title')) ?? entry.name;
}

/** Its `_meta` with Switchyard's facts; `facts` are more of them, as members. */
export function definitionMeta(entry: ToolEntry, facts?: string): string {
  const { product, access } = classify(entry.name);
  const given = editOrCreate(part(entry, '_meta'), OWN_FACTS).slice(1, -1);
  const own = `"switchyard/tool":${JSON.stringify(entry.name)},"switchyard/product":"${product}","switchyard/access":"${access}"`;
  return `{${[given, facts, own].filter(Boolean).join(',')}}`;
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

function withoutCloudId(
  schema: string,
  ofSchema: readonly Member[],
  ofProperties: readonly Member[],
): string {
  const properties = textOf(schema, ofSchema, 'properties') ?? '{}';
  const edits: Record<string, string | undefined> = {
    properties: editObject(properties, { cloudId: undefined }, ofProperties),
  };
  const required = textOf(schema, ofSchema, 'required');
  const rest = elements(required ?? '')?.filter((each) => JSON.parse(each) !== 'cloudId');
  // Draft 4 readers refuse an empty `required`.
  if (rest) edits['required'] = rest.length > 0 ? `[${rest.join(',')}]` : undefined;
  return editObject(schema, edits, ofSchema);
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
