import { serveTools, type ToolEntry, type ToolIndex } from '@switchyard/catalogue';
import { type ToolList, toolListHash, type ToolListKey } from '@switchyard/tool-cache';
import { LRUCache } from 'lru-cache';

import type { SitePins } from './drift-pins.ts';
import type { DefinitionRule } from './drift-rules.ts';

/** What holds for the definitions of one list. */
export interface HeldTo {
  readonly rule: DefinitionRule;
  /** Undefined: the site is not held. */
  readonly pins: SitePins | undefined;
}

/** Makes of a list what clients may see of it; each distinct list is gone through once. */
export interface Serving {
  serve<List extends ToolList>(key: ToolListKey, list: List, held: HeldTo): List;
  /** Names that were taken out of a served list. */
  withheldIn(list: ToolList): ReadonlySet<string> | undefined;
}

/** A list with what was taken out of it or exchanged. */
interface Served {
  /** Undefined: as the site sent it. */
  readonly list: Pick<ToolList, 'tools' | 'hash'> | undefined;
  readonly withheld: ReadonlySet<string>;
}

const MAX_MEMORY = 64 * 1024 * 1024;
const MAX_WITHHELD = 2_000;
const NO_PINS = {};

export function createServing(parts: {
  readonly indexOf: (list: ToolList) => ToolIndex;
  /** Definitions that nobody has approved. */
  readonly onUnapproved: (key: ToolListKey, entries: readonly ToolEntry[]) => void;
}): Serving {
  // By the pins that were in force: others have no use for what these made of a list.
  const memories = new WeakMap<object, LRUCache<string, Served>>();
  const withheldIn = new LRUCache<string, ReadonlySet<string>>({ max: MAX_WITHHELD });

  function memoryOf(owner: object): LRUCache<string, Served> {
    const known = memories.get(owner);
    if (known) return known;
    const memory = new LRUCache<string, Served>({
      maxSize: MAX_MEMORY,
      sizeCalculation: ({ list }, key) => key.length + (list?.tools.length ?? 0),
    });
    memories.set(owner, memory);
    return memory;
  }

  function make(key: ToolListKey, list: ToolList, { rule, pins }: HeldTo): Served {
    const { tools, withheld, unapproved } = serveTools(parts.indexOf(list), {
      approved: pins?.approved,
      strip: rule.hiddenCharacters === 'strip',
    });
    if (unapproved.length > 0) parts.onUnapproved(key, unapproved);
    // Two sites may be left with the same tools after others were withheld.
    const hash = tools === undefined ? list.hash : toolListHash([tools, ...withheld].join('\n'));
    return { list: tools === undefined ? undefined : { tools, hash }, withheld };
  }

  return {
    serve(key, list, held) {
      const memory = memoryOf(held.pins ?? NO_PINS);
      const name = held.rule.hiddenCharacters === 'strip' ? list.hash : `kept ${list.hash}`;
      const known = memory.get(name);
      const served = known ?? make(key, list, held);
      if (!known) memory.set(name, served);
      if (!served.list) return list;
      if (served.withheld.size > 0) withheldIn.set(served.list.hash, served.withheld);
      return { ...list, ...served.list };
    },
    withheldIn: ({ hash }) => (withheldIn.size === 0 ? undefined : withheldIn.get(hash)),
  };
}
