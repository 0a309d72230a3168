import { createHash } from 'node:crypto';

import { type ApprovedTools, parseToolList, type ToolEntry } from '@switchyard/catalogue';
import { LRUCache } from 'lru-cache';

import { type DriftState, updateValue } from './drift-state.ts';

/** Where a site's tools come from: another endpoint has other definitions, and an administrator chose it. */
export interface PinPlace {
  readonly cloudId: string;
  readonly endpoint: string;
}

/** What a site's definitions are held to. Never changed: another one takes its place. */
export interface SitePins {
  readonly approved: ApprovedTools;
  /** Seen, and not approved yet. */
  readonly waiting: ApprovedTools;
  /** Learned from a credential that saw next to nothing: the first whole list adds to it. */
  readonly isPartial: boolean;
}

/** Pins by place: in memory once they are known, shared by all replicas, kept over restarts. */
export interface PinStore {
  /** What this process knows. */
  peek(place: PinPlace): SitePins | undefined;
  /** What the store has, for who must not miss anything. Rejects while it does not answer. */
  read(place: PinPlace): Promise<SitePins | undefined>;
  /** Rejects while the store does not answer and nothing is known. */
  load(place: PinPlace): Promise<SitePins | undefined>;
  /** Replaces the pins by what `change` makes of them, undefined: nothing. Resolves to those in force. */
  update(
    place: PinPlace,
    change: (pins: SitePins | undefined) => SitePins | undefined,
  ): Promise<SitePins | undefined>;
  close(): void;
}

const CHANNEL = 'tool-pins';
const MAX_PLACES = 2_000;
/** Far more than all tools of Atlassian; a site that sends more is not held but closed. */
const MAX_RECORD_LENGTH = 16 * 1024 * 1024;

/** Pins in the durable state. `onChange` hears of a place where more was approved, on whatever replica. */
export function createPinStore(state: DriftState, onChange: (place: PinPlace) => void): PinStore {
  const known = new LRUCache<string, { readonly place: PinPlace; readonly pins: SitePins }>({
    max: MAX_PLACES,
  });
  const loading = new Map<string, Promise<SitePins | undefined>>();

  function keep(place: PinPlace, pins: SitePins): SitePins {
    known.set(nameOf(place), { place, pins });
    return pins;
  }

  async function read(place: PinPlace): Promise<SitePins | undefined> {
    const stored = await state.get(keyOf(place));
    // What was pinned stays pinned, also when the store has lost it.
    return stored ? keep(place, decode(stored.value)) : known.get(nameOf(place))?.pins;
  }

  async function reread(place: PinPlace): Promise<void> {
    try {
      await read(place);
      onChange(place);
    } catch {
      // The old pins stay in force; the next news or the next gap brings the new ones.
    }
  }

  const stop = state.subscribe(
    CHANNEL,
    (name) => {
      const found = known.get(name);
      if (found) void reread(found.place);
    },
    () => {
      for (const { place } of known.values()) void reread(place);
    },
  );

  return {
    peek: (place) => known.get(nameOf(place))?.pins,
    read,
    async load(place) {
      const name = nameOf(place);
      const there = known.get(name)?.pins;
      if (there) return there;
      const asked = loading.get(name) ?? read(place).finally(() => loading.delete(name));
      loading.set(name, asked);
      return asked;
    },
    async update(place, change) {
      const outcome: Outcome = { pins: undefined, isChanged: false, isNews: false };
      await updateValue(state, { key: keyOf(place) }, (value) => {
        const before = value === undefined ? known.get(nameOf(place))?.pins : decode(value);
        const next = change(before);
        outcome.pins = next ?? before;
        outcome.isChanged = next !== undefined;
        outcome.isNews = next !== undefined && before !== undefined && next.approved !== before.approved;
        // Put back what the store has lost.
        if (next === undefined) return value === undefined && before ? encode(before) : undefined;
        return encode(next);
      });
      // The same object as long as nothing changed: what was made of it stays good.
      const there = known.get(nameOf(place))?.pins;
      if (outcome.pins && (outcome.isChanged || !there)) keep(place, outcome.pins);
      if (outcome.isNews) await state.publish(CHANNEL, nameOf(place));
      return known.get(nameOf(place))?.pins;
    },
    close: stop,
  };
}

interface Outcome {
  pins: SitePins | undefined;
  isChanged: boolean;
  /** More is approved than other replicas know. */
  isNews: boolean;
}

function nameOf({ cloudId, endpoint }: PinPlace): string {
  return `${cloudId} ${endpoint}`;
}

function keyOf({ cloudId, endpoint }: PinPlace): string {
  return `tool-pins:${cloudId}:${createHash('sha256').update(endpoint).digest('hex').slice(0, 16)}`;
}

type Texts = Readonly<Record<string, readonly string[]>>;

function encode({ approved, waiting, isPartial }: SitePins): string {
  const text = JSON.stringify({ approved: textsOf(approved), waiting: textsOf(waiting), isPartial });
  if (text.length > MAX_RECORD_LENGTH)
    throw new Error('the definitions of the site are too large to be held');
  return text;
}

function textsOf(tools: ApprovedTools): Texts {
  return Object.fromEntries([...tools].map(([name, entries]) => [name, entries.map(({ text }) => text)]));
}

function decode(value: string): SitePins {
  const { approved, waiting, isPartial } = JSON.parse(value) as {
    approved: Texts;
    waiting: Texts;
    isPartial: boolean;
  };
  return { approved: entriesOf(approved), waiting: entriesOf(waiting), isPartial };
}

function entriesOf(texts: Texts): ApprovedTools {
  return new Map(
    Object.entries(texts).map(([name, definitions]) => [
      name,
      definitions.flatMap((text): readonly ToolEntry[] => parseToolList(`[${text}]`).entries),
    ]),
  );
}
