import { canonicalOf, changeOf, isSameDefinition } from '../diff-tools.ts';
import type { ToolEntry, ToolIndex } from '../tool-index.ts';
import { hiddenIn, visibleJson } from './hidden-characters.ts';
import { isTooDeep } from './nesting.ts';

/** What a site's definitions are held to: those that were seen first or approved, the newest last, by name. */
export type ApprovedTools = ReadonlyMap<string, readonly ToolEntry[]>;

/** A site's list as clients may see it. */
export interface ServedTools {
  /** JSON text of the list; undefined when it is what the site sent. */
  readonly tools: string | undefined;
  /** Names that the site offers and nobody is shown: no way leads to them. */
  readonly withheld: ReadonlySet<string>;
  /** Definitions that somebody must approve first. */
  readonly unapproved: readonly ToolEntry[];
}

/**
 * What of a list is served. With `approved`, nothing else gets through: a changed tool keeps its approved definition, a
 * new one is withheld, and so is one that no longer says it is safe. A tool with hidden characters in what is sent is
 * withheld; elsewhere they are taken out.
 */
export function serveTools(
  index: ToolIndex,
  { approved, strip }: { readonly approved: ApprovedTools | undefined; readonly strip: boolean },
): ServedTools {
  const withheld = new Set<string>();
  const unapproved: ToolEntry[] = [];
  const texts: string[] = [];
  let isChanged = false;
  for (const entry of index.entries) {
    const held = approved ? hold(entry, approved.get(entry.name)) : entry;
    if (held !== entry) unapproved.push(entry);
    const text = held && shown(held, strip);
    if (text === undefined) withheld.add(entry.name);
    else texts.push(text);
    isChanged ||= text !== entry.text;
  }
  return { tools: isChanged ? `[${texts.join(',')}]` : undefined, withheld, unapproved };
}

/** The definition that stands for a tool; undefined: none does. */
function hold(entry: ToolEntry, approved: readonly ToolEntry[] = []): ToolEntry | undefined {
  if (approved.some((each) => isSameDefinition(each, entry))) return entry;
  const pinned = approved.at(-1);
  if (!pinned) return undefined;
  // Clients that trust what the pinned definition says would not ask before they call it.
  return changeOf(pinned, entry)?.risks.includes('no_longer_safe') ? undefined : pinned;
}

function shown({ name, text }: ToolEntry, strip: boolean): string | undefined {
  if (isTooDeep(text)) return undefined;
  const hidden = hiddenIn(text);
  if (hidden === 'nowhere') return text;
  if (!strip) return hiddenIn(JSON.stringify({ name })) === 'nowhere' ? text : undefined;
  return hidden === 'sent' ? undefined : visibleJson(text);
}

/** Adds a definition to those of a tool, as the newest; the oldest go when there are more than `max`. */
export function withDefinition(
  known: readonly ToolEntry[],
  entry: ToolEntry,
  max: number,
): readonly ToolEntry[] {
  const others = known.filter((each) => canonicalOf(each) !== canonicalOf(entry));
  return [...others, entry].slice(-max);
}
