import { parseToolList, serveTools, type Site, type ToolEntry, type ToolIndex } from '@switchyard/catalogue';
import type { ToolList, ToolListKey, ToolListOutcome } from '@switchyard/tool-cache';

import { SiteClosed } from './closed-site.ts';
import { learn } from './drift-approvals.ts';
import type { PinStore, SitePins } from './drift-pins.ts';
import type { DefinitionRule, DefinitionRules } from './drift-rules.ts';
import { createServing, type HeldTo } from './drift-serving.ts';
import type { SiteLists } from './site-lists.ts';

/** Lists as clients may see them. Nothing else of the router sees others, so that no mode can show more. */
export interface GuardedLists extends SiteLists {
  /** The approved definitions of a held site, for calls while its list is not at hand; undefined: it is not held. */
  pinned(key: ToolListKey): ToolIndex | undefined;
}

interface Guards {
  readonly pins: PinStore;
  readonly ruleOf: DefinitionRules;
  /** Definitions that nobody has approved. */
  readonly onUnapproved: (key: ToolListKey, entries: readonly ToolEntry[]) => void;
}

/** Puts the rules for definitions between the lists of the sites and everything that reads them. */
export function guardLists(lists: SiteLists, parts: Guards): GuardedLists {
  const { pins, ruleOf, onUnapproved } = parts;
  const serving = createServing({ indexOf: lists.index, onUnapproved });

  async function learned(key: ToolListKey, list: ToolList): Promise<SitePins | undefined> {
    const known = await pins.load(key);
    if (known && isFor(known, list)) return known;
    const { entries } = lists.index(list);
    return pins.update(key, (before) => learn(before, { entries, isPartial: list.underScoped }));
  }

  async function judge(
    key: ToolListKey,
    rule: DefinitionRule,
    outcome: ToolListOutcome,
  ): Promise<ToolListOutcome> {
    const isHeld = rule.onChange === 'hold';
    if (outcome.kind === 'list') {
      const held = { rule, pins: isHeld ? await learned(key, outcome.list) : undefined };
      return { ...outcome, list: serving.serve(key, outcome.list, held) };
    }
    // `pinned` is asked next, and must know.
    if (isHeld) await pins.load(key);
    return outcome;
  }

  function serveNow<List extends ToolList>(key: ToolListKey, list: List | undefined): List | undefined {
    const rule = ruleOf(key.cloudId)?.rule;
    if (!list || !rule) return undefined;
    if (rule.onChange !== 'hold') return serving.serve(key, list, { rule, pins: undefined });
    const known = pins.peek(key);
    // A list that nobody could judge yet is as good as none: `get` waits for the pins.
    return known && isFor(known, list) ? serving.serve(key, list, { rule, pins: known }) : undefined;
  }

  return {
    async get(request, waitMs) {
      const outcome = await lists.get(request, waitMs);
      const known = ruleOf(request.key.cloudId);
      if (!known) return { kind: 'late' };
      try {
        return await judge(request.key, known.rule, outcome);
      } catch {
        return { kind: 'failed', error: cannotJudge(known.site) };
      }
    },
    fresh: (request) => serveNow(request.key, lists.fresh(request)),
    peek: (key) => serveNow(key, lists.peek(key)),
    pinned(key) {
      const rule = ruleOf(key.cloudId)?.rule;
      const known = rule?.onChange === 'hold' ? pins.peek(key) : undefined;
      return rule && known && pinnedTools({ rule, pins: known });
    },
    invalidate: lists.invalidate,
    index(list) {
      const index = lists.index(list);
      const withheld = serving.withheldIn(list);
      return withheld ? { ...index, withheld } : index;
    },
    close: lists.close,
  };
}

/** Pins of an under-scoped list say nothing about a whole one. */
function isFor({ isPartial }: SitePins, { underScoped }: ToolList): boolean {
  return !isPartial || underScoped;
}

function pinnedTools({ rule, pins }: HeldTo): ToolIndex {
  const newest = [...(pins?.approved.values() ?? [])].flatMap((entries) => entries.at(-1)?.text ?? []);
  const all = parseToolList(`[${newest.join(',')}]`);
  const strip = rule.hiddenCharacters === 'strip';
  const { tools } = serveTools(all, { approved: undefined, strip });
  return tools === undefined ? all : parseToolList(tools);
}

/** Nobody knows what was approved: nothing is shown rather than anything (I12). */
function cannotJudge(site: Site): SiteClosed {
  const text = `${site.title} is held to approved tool definitions, and those cannot be read right now. Try again in a moment; other sites are not affected.`;
  return new SiteClosed({ reason: 'unavailable', status: 'unavailable', text });
}
