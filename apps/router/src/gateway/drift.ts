import { changeOf, escapedJson, type Site, type ToolChange, type ToolEntry } from '@switchyard/catalogue';
import type { Telemetry } from '@switchyard/telemetry';

import { approve, type Chosen, chosenOf, definitionId } from './drift-approvals.ts';
import { guardLists, type GuardedLists } from './drift-lists.ts';
import { type ChangeLog, createChangeLog } from './drift-log.ts';
import { createPinStore, type PinPlace } from './drift-pins.ts';
import type { DefinitionRules } from './drift-rules.ts';
import type { DriftState } from './drift-state.ts';
import { createDriftWatch, type DriftWatch } from './drift-watch.ts';
import type { SiteLists } from './site-lists.ts';

/** A definition that waits to be approved, beside the one that stands for its tool until then. */
interface HeldDefinition {
  readonly site: string;
  readonly tool: string;
  readonly definition: string;
  readonly kind: ToolChange['kind'];
  readonly fields: ToolChange['fields'];
  readonly risks: ToolChange['risks'];
  /** JSON texts; what people would not see is written as escapes. */
  readonly before: string | undefined;
  readonly after: string;
}

/** What the sites change of their tools: noticed, told, and where the configuration says so held. */
export interface Drift {
  /** The lists as clients may see them. */
  guard(lists: SiteLists): GuardedLists;
  readonly observe: DriftWatch['observe'];
  readonly changes: ChangeLog['list'];
  /** What waits at one site; rejects while the store does not answer. */
  held(site: Site): Promise<HeldDefinition[]>;
  /** Approves what waits; resolves to what it was. */
  approve(
    site: Site,
    chosen: Chosen,
    admin: string,
  ): Promise<{ readonly tool: string; readonly definition: string }[]>;
  close(): void;
}

export function createDrift(ports: {
  readonly state: DriftState;
  readonly telemetry: Telemetry;
  readonly ruleOf: DefinitionRules;
  /** More of a site's tools are shown from now on. */
  readonly onApproved: (place: PinPlace) => void;
}): Drift {
  const { state, telemetry, ruleOf } = ports;
  const pins = createPinStore(state, ports.onApproved);
  const log = createChangeLog(state);
  const watch = createDriftWatch({ pins, log, telemetry, ruleOf });
  return {
    guard: (lists) => guardLists(lists, { pins, ruleOf, onUnapproved: watch.holdBack }),
    observe: watch.observe,
    changes: log.list,
    async held(site) {
      const known = await pins.read(site);
      const waiting = [...(known?.waiting.values() ?? [])].flat();
      return waiting.flatMap((entry) => heldJson(site, known?.approved.get(entry.name)?.at(-1), entry) ?? []);
    },
    async approve(site, chosen, admin) {
      let entries: readonly ToolEntry[] = [];
      await pins.update(site, (known) => {
        entries = known ? chosenOf(known, chosen) : [];
        return known && entries.length > 0 ? approve(known, entries) : undefined;
      });
      const approved = entries.map((entry) => ({ tool: entry.name, definition: definitionId(entry) }));
      const definitions = approved.map(({ definition }) => definition);
      if (approved.length > 0) await log.approve(site.cloudId, definitions, admin);
      return approved;
    },
    close: pins.close,
  };
}

function heldJson(site: Site, pinned: ToolEntry | undefined, entry: ToolEntry): HeldDefinition | undefined {
  const change = changeOf(pinned, entry);
  if (!change) return undefined;
  const { name, kind, fields, risks } = change;
  return {
    site: site.name,
    tool: name,
    definition: definitionId(entry),
    kind,
    fields,
    risks,
    before: pinned && escapedJson(pinned.text),
    after: escapedJson(entry.text),
  };
}
