import { editObject } from '@switchyard/json-text';

import type { GappedText, TextTemplate } from './gapped-text.ts';
import type { Site } from './model.ts';
import {
  annotationsOf,
  definitionMembers,
  definitionMeta,
  descriptionOf,
  shownSchema,
} from './tool-definition.ts';
import type { ToolEntry } from './tool-index.ts';
import { encodeToolName, namePrefix, TOOL_NAME } from './tool-name.ts';

/**
 * The definitions as clients see them, comma-separated: everything that upstream said stays byte for byte, except
 * the name, the bracket before the description, the `cloudId` that Switchyard fills in, and the
 * facts that it adds to `_meta` and, where upstream has none, to the annotations. `plain`: under the site's own names.
 */
export function renderTools(
  entries: readonly ToolEntry[],
  site: Site,
  { plain }: { plain: boolean },
): GappedText {
  const ids = `"switchyard/site":${JSON.stringify(site.name)},"switchyard/cloudId":"${site.cloudId}"`;
  const { hardest, template } = sharedBy(entries);
  if (plain) return { template: template('plain'), values: [ids] };
  const title = JSON.stringify(site.title).slice(1, -1);
  const prefix = namePrefix(site.name);
  if (TOOL_NAME.test(prefix + hardest))
    return { template: template('prefixed'), values: [ids, title, prefix] };
  const names = entries.map(({ name }) => JSON.stringify(encodeToolName(site.name, name)));
  return { template: template('named'), values: [ids, title, ...names] };
}

/** The values of each form: `ids`; with title and what each name begins with; or, where a name must be cut, with all of them. */
type Form = 'plain' | 'prefixed' | 'named';

const IDS = 0;
const TITLE = 1;
const NAMES = 2;

interface Shared {
  /** Where this name fits behind a prefix as it is, all do. */
  readonly hardest: string;
  template(form: Form): TextTemplate;
}

/** Many sites show the same definitions: what is the same for all of them is found once. */
const known = new WeakMap<readonly ToolEntry[], Shared>();

function sharedBy(entries: readonly ToolEntry[]): Shared {
  const before = known.get(entries);
  if (before) return before;
  const templates: Partial<Record<Form, TextTemplate>> = {};
  const fresh: Shared = {
    hardest: hardestName(entries),
    template: (form) =>
      (templates[form] ??= cutAtMarks(entries.map((entry, at) => named(entry, { form, at })).join(','))),
  };
  known.set(entries, fresh);
  return fresh;
}

/** One with characters that fit nowhere, else the longest. */
function hardestName(entries: readonly ToolEntry[]): string {
  const names = entries.map(({ name }) => name);
  const longest = names.reduce((long, name) => (name.length > long.length ? name : long), '');
  return names.find((name) => !TOOL_NAME.test(name)) ?? longest;
}

/** Where a value stands, or for now a name; no JSON text has a bare NUL. */
const mark = (what: number | 'name'): string => `\0${what}\0`;
const NAME = mark('name');

function cutAtMarks(text: string): TextTemplate {
  const cut = text.split('\0');
  return {
    pieces: cut.filter((_, at) => at % 2 === 0),
    gaps: cut.filter((_, at) => at % 2 === 1).map(Number),
  };
}

function named(entry: ToolEntry, { form, at }: { form: Form; at: number }): string {
  const own = JSON.stringify(entry.name);
  const name = {
    plain: own,
    prefixed: `"${mark(NAMES)}${own.slice(1)}`,
    named: mark(NAMES + at),
  }[form];
  return markedText(entry, form === 'plain' ? 'plain' : 'bracketed').replace(NAME, () => name);
}

type Marked = Partial<Record<'plain' | 'bracketed', string>>;

/** Definitions are edited once, however many lists have them. */
const marked = new WeakMap<ToolEntry, Marked>();

function markedText(entry: ToolEntry, kind: keyof Marked): string {
  const texts = marked.get(entry) ?? {};
  marked.set(entry, texts);
  return (texts[kind] ??= edited(entry, kind));
}

function edited(entry: ToolEntry, kind: keyof Marked): string {
  const edits: Record<string, string> = {
    annotations: annotationsOf(entry),
    name: NAME,
    _meta: definitionMeta(entry, mark(IDS)),
  };
  if (entry.takesCloudId) edits['inputSchema'] = shownSchema(entry);
  if (kind === 'bracketed')
    edits['description'] = `"[${mark(TITLE)}] ${JSON.stringify(descriptionOf(entry)).slice(1)}`;
  return editObject(entry.text, edits, definitionMembers(entry));
}
