import {
  changeOf,
  diffTools,
  type Site,
  type ToolChange,
  type ToolEntry,
  visibleText,
} from '@switchyard/catalogue';
import type { Telemetry } from '@switchyard/telemetry';
import type { ToolCacheEvent, ToolListKey } from '@switchyard/tool-cache';

import { definitionId, has, hold, isUnheardOf } from './drift-approvals.ts';
import type { ChangeLog, ChangeRow, NewChange } from './drift-log.ts';
import { createNews } from './drift-news.ts';
import type { PinPlace, PinStore } from './drift-pins.ts';
import type { DefinitionRules, RuledSite } from './drift-rules.ts';
import type { SiteLists } from './site-lists.ts';

/** A list that came from its site. */
type LoadedList = Extract<ToolCacheEvent, { type: 'loaded' }>;

/** Tells what changes: metric, log line, row. Works in the background, and never throws. */
export interface DriftWatch {
  /** What is another than in the list before. */
  observe(event: LoadedList, lists: SiteLists): void;
  /** What nobody has approved: told when it is first seen, also in the first list of a caller. */
  holdBack(key: ToolListKey, entries: readonly ToolEntry[]): void;
}

interface Told extends ToolChange {
  readonly status: ChangeRow['status'];
  readonly definition: string | undefined;
}

const LONGEST_NAME = 128;

export function createDriftWatch(parts: {
  readonly pins: PinStore;
  readonly log: ChangeLog;
  readonly telemetry: Telemetry;
  readonly ruleOf: DefinitionRules;
}): DriftWatch {
  const { pins, log, telemetry, ruleOf } = parts;
  const isNews = createNews();

  async function tell({ site, rule }: RuledSite, changes: readonly Told[]): Promise<void> {
    const level = rule.onChange === 'allow' ? 'info' : 'warn';
    const rows = changes.map((change) => rowOf(site, change));
    for (const row of rows) {
      telemetry.emit({ type: 'definition-change', site: site.name, kind: row.kind });
      telemetry.log[level]({ ...row }, 'tool definition changed');
    }
    await log.add(rows);
  }

  async function observe({ key, previous, list }: LoadedList, lists: SiteLists): Promise<void> {
    const subject = ruleOf(key.cloudId);
    if (!subject || !previous || previous.hash === list.hash) return;
    const [before, after] = [lists.index(previous), lists.index(list)];
    const approved = subject.rule.onChange === 'hold' ? (await pins.load(key))?.approved : undefined;
    const told = diffTools(before, after).flatMap((change): Told[] => {
      const known = before.find(change.name);
      const entry = after.find(change.name);
      const [from, to] = [known ? definitionId(known) : '', entry ? definitionId(entry) : ''];
      // What is held is told by `holdBack`.
      const isHeld = approved && entry && !has(approved, entry);
      if (isHeld || !isNews({ place: placeName(key), tool: change.name, from, to })) return [];
      if (!entry) return [{ ...change, status: 'allowed', definition: undefined }];
      return [{ ...change, status: approved ? 'approved' : 'allowed', definition: to }];
    });
    await tell(subject, told);
  }

  async function holdBack(key: ToolListKey, entries: readonly ToolEntry[]): Promise<void> {
    const subject = ruleOf(key.cloudId);
    const known = pins.peek(key);
    if (!subject || !known || !entries.some((entry) => isUnheardOf(known, entry))) return;
    let fresh: readonly ToolEntry[] = [];
    const held = await pins.update(key, (before) => {
      fresh = before ? entries.filter((entry) => isUnheardOf(before, entry)) : [];
      return before && fresh.length > 0 ? hold(before, fresh) : undefined;
    });
    const told = fresh.flatMap((entry): Told[] => {
      const change = changeOf(held?.approved.get(entry.name)?.at(-1), entry);
      return change ? [{ ...change, status: 'held', definition: definitionId(entry) }] : [];
    });
    await tell(subject, told);
  }

  async function quietly(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      telemetry.log.warn({ error }, 'changes of tool definitions could not be kept');
    }
  }

  return {
    observe: (event, lists) => void quietly(observe(event, lists)),
    holdBack: (key, entries) => void quietly(holdBack(key, entries)),
  };
}

function rowOf({ name: site, cloudId }: Site, { name, definition, ...change }: Told): NewChange {
  const tool = visibleText(name).slice(0, LONGEST_NAME);
  return { site, cloudId, tool, ...change, ...(definition !== undefined && { definition }) };
}

function placeName({ cloudId, endpoint }: PinPlace): string {
  return `${cloudId} ${endpoint}`;
}
