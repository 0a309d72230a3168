import { type ApprovedTools, canonicalOf, type ToolEntry, withDefinition } from '@switchyard/catalogue';
import { toolListHash } from '@switchyard/tool-cache';

import type { SitePins } from './drift-pins.ts';

const MAX_APPROVED = 8;
const MAX_WAITING = 4;
const MAX_NAMES = 2_000;
const ID_LENGTH = 12;

/** How people and logs name one definition of a tool: the same for every spelling of it. */
export function definitionId(entry: ToolEntry): string {
  return toolListHash(canonicalOf(entry)).slice(0, ID_LENGTH);
}

/** Takes a first list as approved; undefined when there was one before. What a partial list knew stays as it is. */
export function learn(
  pins: SitePins | undefined,
  { entries, isPartial }: { readonly entries: readonly ToolEntry[]; readonly isPartial: boolean },
): SitePins | undefined {
  if (pins && (!pins.isPartial || isPartial)) return undefined;
  const approved = new Map(pins?.approved);
  for (const entry of entries) {
    if (!approved.has(entry.name) && approved.size < MAX_NAMES) approved.set(entry.name, [entry]);
  }
  return { approved, waiting: pins?.waiting ?? new Map(), isPartial };
}

/** Neither approved nor waiting. */
export function isUnheardOf({ approved, waiting }: SitePins, entry: ToolEntry): boolean {
  return !has(approved, entry) && !has(waiting, entry);
}

/** Puts definitions among those that wait. */
export function hold(pins: SitePins, entries: readonly ToolEntry[]): SitePins {
  const waiting = new Map(pins.waiting);
  for (const entry of entries) {
    const known = waiting.get(entry.name);
    if (known || waiting.size < MAX_NAMES)
      waiting.set(entry.name, withDefinition(known ?? [], entry, MAX_WAITING));
  }
  return { ...pins, waiting };
}

/** Which of the definitions that wait are meant. */
export interface Chosen {
  /** Absent: of every tool. */
  readonly tool?: string | undefined;
  /** Absent: the one seen last. */
  readonly definition?: string | undefined;
}

/** Those that wait and are meant, by tool. */
export function chosenOf({ waiting }: SitePins, { tool, definition }: Chosen): ToolEntry[] {
  return [...waiting].flatMap(([name, entries]) => {
    if (tool !== undefined && name !== tool) return [];
    const entry =
      definition === undefined ? entries.at(-1) : entries.find((each) => definitionId(each) === definition);
    return entry ? [entry] : [];
  });
}

/** Approves what is meant: from now on it is the newest of its tool, and nothing of that tool waits. */
export function approve(pins: SitePins, chosen: readonly ToolEntry[]): SitePins {
  const approved = new Map(pins.approved);
  const waiting = new Map(pins.waiting);
  for (const entry of chosen) {
    approved.set(entry.name, withDefinition(approved.get(entry.name) ?? [], entry, MAX_APPROVED));
    waiting.delete(entry.name);
  }
  return { ...pins, approved, waiting };
}

export function has(tools: ApprovedTools, entry: ToolEntry): boolean {
  return tools.get(entry.name)?.some((each) => canonicalOf(each) === canonicalOf(entry)) === true;
}
