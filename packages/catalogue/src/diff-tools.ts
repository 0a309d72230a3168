import { canonicalJson } from './drift/canonical-json.ts';
import { changedFields } from './drift/changed-fields.ts';
import type { Risk } from './drift/risk.ts';
import { risksOf } from './drift/risks.ts';
import type { ToolEntry, ToolIndex } from './tool-index.ts';

/** How one tool differs between two lists of a site. */
export interface ToolChange {
  readonly name: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** Of a changed one: where, such as `inputSchema.properties.jql`. */
  readonly fields: readonly string[];
  readonly risks: readonly Risk[];
}

/** What is new, gone, or means something else, in the order of the lists. How a definition is written does not matter. */
export function diffTools(before: ToolIndex, after: ToolIndex): ToolChange[] {
  const removed = before.entries
    .filter(({ name }) => !after.find(name))
    .map(({ name }): ToolChange => ({ name, kind: 'removed', fields: [], risks: [] }));
  return [...removed, ...after.entries.flatMap((entry) => changeOf(before.find(entry.name), entry) ?? [])];
}

/** How a definition differs from the one that is known; undefined when it does not. */
export function changeOf(known: ToolEntry | undefined, entry: ToolEntry): ToolChange | undefined {
  const { name, text } = entry;
  if (!known) return { name, kind: 'added', fields: [], risks: risksOf(text) };
  if (isSameDefinition(known, entry)) return undefined;
  return {
    name,
    kind: 'changed',
    fields: changedFields(known.text, text),
    risks: risksOf(text, known.text),
  };
}

/** Whether two definitions are one and the same JSON value. */
export function isSameDefinition(one: ToolEntry, other: ToolEntry): boolean {
  return one.text === other.text || canonicalOf(one) === canonicalOf(other);
}

const known = new WeakMap<ToolEntry, string>();

/** The definition in its one spelling; each entry is rewritten once. */
export function canonicalOf(entry: ToolEntry): string {
  const written = known.get(entry) ?? canonicalJson(entry.text);
  known.set(entry, written);
  return written;
}
