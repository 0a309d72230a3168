import { type Edits, editObject, elements, members, memberText } from '@switchyard/json-text';

import type { GappedText } from './gapped-text.ts';
import type { Site } from './model.ts';
import type { ToolClass } from './tool-class.ts';
import { classify } from './tool-class.ts';
import type { ToolEntry } from './tool-index.ts';

/**
 * The definitions as clients see them, comma-separated: everything that upstream said stays byte for byte, except
 * the name, the bracket before the description, the `cloudId` that Switchyard fills in, and the
 * facts that it adds to `_meta` and, where upstream has none, to the annotations.
 */
export function renderTools(
  entries: readonly ToolEntry[],
  { facts, nameOf }: { facts: SiteFacts; nameOf: (entry: ToolEntry) => string },
): GappedText {
  const { fixed, slots } = templateOf(entries, facts.title === undefined ? 'plain' : 'bracketed');
  const gaps = slots.map(({ slot, entry }) =>
    slot === 'name' ? JSON.stringify(nameOf(entry)) : (facts[slot] ?? ''),
  );
  return { fixed, gaps };
}

/** What each definition says of its site. */
interface SiteFacts {
  /** The title inside a JSON string; undefined: no bracket. */
  readonly title: string | undefined;
  readonly ids: string;
}

/** The same for all tools of a site. */
export function siteFacts(site: Site, { bracket }: { bracket: boolean }): SiteFacts {
  return {
    title: bracket ? JSON.stringify(site.title).slice(1, -1) : undefined,
    ids: `"switchyard/site":${JSON.stringify(site.name)},"switchyard/cloudId":"${site.cloudId}"`,
  };
}

/** Definitions with gaps for what differs from site to site. */
interface Template {
  readonly fixed: readonly string[];
  readonly slots: readonly { readonly slot: 'name' | keyof SiteFacts; readonly entry: ToolEntry }[];
}

/** With the bracket before the description, or without. */
type Form = 'bracketed' | 'plain';

/** Many sites show the same definitions: what is the same for all of them is found once. */
const templates = new WeakMap<readonly ToolEntry[], Partial<Record<Form, Template>>>();

function templateOf(entries: readonly ToolEntry[], form: Form): Template {
  const forms = templates.get(entries) ?? {};
  templates.set(entries, forms);
  return (forms[form] ??= joined(entries.map((entry) => prepare(entry)[form]())));
}

/** One template for all, with commas between them. */
function joined(all: readonly Template[]): Template {
  const fixed = [''];
  for (const [at, each] of all.entries()) {
    const [first = '', ...rest] = each.fixed;
    fixed.push(`${fixed.pop() ?? ''}${at === 0 ? '' : ','}${first}`, ...rest);
  }
  return { fixed, slots: all.flatMap(({ slots }) => slots) };
}

type Prepared = Readonly<Record<Form, () => Template>>;

/** Definitions are edited once, however many lists have them. */
const prepared = new WeakMap<ToolEntry, Prepared>();

function prepare(entry: ToolEntry): Prepared {
  const before = prepared.get(entry);
  if (before) return before;
  const scanned = members(entry.text) ?? [];
  const edits: Record<string, string> = {
    annotations: annotationsOf(entry),
    name: MARK.name,
    _meta: definitionMeta(entry, MARK.ids),
  };
  if (entry.takesCloudId) edits['inputSchema'] = shownSchema(entry);
  const description = JSON.stringify(descriptionOf(entry));
  const bracketed = { ...edits, description: `"[${MARK.title}] ${description.slice(1)}` };
  const fresh: Prepared = {
    bracketed: once(() => cutAtMarks(editObject(entry.text, bracketed, scanned), entry)),
    plain: once(() => cutAtMarks(editObject(entry.text, edits, scanned), entry)),
  };
  prepared.set(entry, fresh);
  return fresh;
}

/** Marks that no JSON text can hold: it has no bare NUL. */
const MARK = { name: '\0name\0', title: '\0title\0', ids: '\0ids\0' } as const;

function cutAtMarks(text: string, entry: ToolEntry): Template {
  const pieces = text.split('\0');
  const marks = pieces.filter((_, at) => at % 2 === 1) as (keyof typeof MARK)[];
  return {
    fixed: pieces.filter((_, at) => at % 2 === 0),
    slots: marks.map((slot) => ({ slot, entry })),
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** A tool's schema as clients see it: without the `cloudId` that Switchyard fills in. */
export function shownSchema({ text, takesCloudId }: ToolEntry): string {
  const schema = memberText(text, 'inputSchema') ?? '{}';
  return takesCloudId ? withoutCloudId(schema) : schema;
}

/** Its annotations, with hints of Switchyard's own where upstream has none. */
export function annotationsOf({ name, text }: ToolEntry): string {
  const given = memberText(text, 'annotations');
  return editOrCreate(given, hints(given, classify(name)));
}

/** What it does; where upstream does not say it, its title or name. */
export function descriptionOf({ name, text }: ToolEntry): string {
  return parsedText(memberText(text, 'description')) ?? parsedText(memberText(text, 'title')) ?? name;
}

/** Its `_meta` with Switchyard's facts; `facts` are more of them, as members. */
export function definitionMeta({ name, text }: ToolEntry, facts?: string): string {
  const { product, access } = classify(name);
  const given = editOrCreate(memberText(text, '_meta'), OWN_FACTS).slice(1, -1);
  const own = `"switchyard/tool":${JSON.stringify(name)},"switchyard/product":"${product}","switchyard/access":"${access}"`;
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
