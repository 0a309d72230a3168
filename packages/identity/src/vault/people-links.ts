import { LRUCache } from 'lru-cache';

import type { LinkRow, LinkRows } from './link-rows.ts';
import { createLiveLink, type LinkedSite, type LiveLink } from './linked-site.ts';
import type { Renewals } from './renewals.ts';

/** The links of people who were here lately, in memory: bounded in number and age, dropped on news. */
export interface PeopleLinks {
  linksOf(person: string): Promise<readonly LinkedSite[]>;
  /** What is in memory is old. */
  drop(person: string): void;
  /** The same, and it is read at once when somebody may be holding it. */
  reload(person: string): void;
  /** News may have been missed. */
  doubtAll(): void;
}

export interface PeopleLinksOptions {
  readonly rows: LinkRows;
  readonly renewals: Renewals;
  readonly credentialIdOf: (linkId: string) => string;
  readonly now: () => number;
  readonly max: number;
}

/** News come at once; these are for news that got lost. */
const FRESH_MS = 30_000;
const RETRY_MS = 1_000;
/** How long the last known links serve while the store is away. */
const KEPT_MS = 600_000;
const LINKS_OF_ONE = 8;

/** `readAt` is when `links` were read, `until` when they are to be read again. */
interface Entry {
  readonly promise: Promise<readonly LinkedSite[]>;
  readonly lives: readonly LiveLink[];
  readonly readAt: number;
  until: number;
}

export function createPeopleLinks(options: PeopleLinksOptions): PeopleLinks {
  const { rows, renewals, credentialIdOf, now, max } = options;
  const people = new LRUCache<string, Entry>({ max });
  // Who holds a site sees what becomes of it, also after the person was dropped from memory and read again.
  const lives = new LRUCache<string, LiveLink>({ max: max * LINKS_OF_ONE });

  function liveOf(row: LinkRow): LiveLink {
    const latest = renewals.latest(row);
    const known = lives.get(row.record.id);
    known?.adopt(latest);
    const live =
      known ?? createLiveLink({ row: latest, credentialId: credentialIdOf(row.record.id), renewals, now });
    lives.set(row.record.id, live);
    return live;
  }

  function load(person: string, before: Entry | undefined): Promise<readonly LinkedSite[]> {
    const readAt = now();
    const found = rows.readAll(person).then((all) => all.toSorted(byPlace).map(liveOf));
    const promise = found.then(
      (current) => {
        for (const live of before?.lives ?? []) if (!current.includes(live)) live.adopt(undefined);
        replace({ ...entry, lives: current });
        return current.map(({ site }) => site);
      },
      (error: unknown) => {
        if (!before || now() - before.readAt > KEPT_MS) {
          if (people.get(person)?.promise === promise) people.delete(person);
          throw error;
        }
        replace({ ...before, until: now() + RETRY_MS });
        return before.promise;
      },
    );
    const entry: Entry = { promise, lives: before?.lives ?? [], readAt, until: readAt + FRESH_MS };
    people.set(person, entry);
    return promise;

    /** Unless news came meanwhile: then this is old already. */
    function replace(next: Entry): void {
      const held = people.get(person);
      if (held?.promise !== promise) return;
      people.set(person, { ...next, until: Math.min(next.until, held.until) });
    }
  }

  function drop(person: string): void {
    const entry = people.get(person);
    if (entry) entry.until = 0;
  }

  return {
    linksOf(person) {
      const known = people.get(person);
      return known && now() < known.until ? known.promise : load(person, known);
    },
    drop,
    reload(person) {
      const known = people.get(person);
      if (known) load(person, known).catch(() => undefined);
    },
    doubtAll() {
      for (const entry of people.values()) entry.until = 0;
    },
  };
}

function byPlace({ name: one }: LinkRow, { name: other }: LinkRow): number {
  return one.cloudId.localeCompare(other.cloudId) || one.kind.localeCompare(other.kind);
}
