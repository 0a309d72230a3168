import { LRUCache } from 'lru-cache';

import type { Session } from './session.ts';
import type { UpstreamTarget } from './target.ts';

/**
 * One session per endpoint, credential, era and declared capabilities, opened on demand and once, shared
 * by that caller's requests and by all sites that the credential reaches there. Two callers never share one: the
 * credential is part of the key (I1).
 */
export interface SessionPool {
  get(target: UpstreamTarget): Promise<Session>;
  /** The same without waiting, when it is open already. */
  ready(target: UpstreamTarget): Session | undefined;
  /** Forgets a session that the site no longer knows; a newer one under the same key stays. */
  drop(target: UpstreamTarget, session: Session): void;
  close(): Promise<void>;
}

interface Slot {
  readonly opening: Promise<Session>;
  session: Session | undefined;
  /** The labels of the sites that use it. */
  readonly sites: Set<string>;
}

export interface SessionPoolOptions {
  readonly open: (target: UpstreamTarget) => Promise<Session>;
  readonly maxSessions: number;
  readonly idleMs: number;
  readonly onCount: (site: string, count: number) => void;
}

export function createSessionPool(options: SessionPoolOptions): SessionPool {
  const users = createUsers(options.onCount);
  const slots = new LRUCache<string, Slot>({
    max: options.maxSessions,
    ttl: options.idleMs,
    // The clock is read that often at most, not for each call.
    ttlResolution: Math.ceil(Math.min(1_000, options.idleMs / 10)),
    updateAgeOnGet: true,
    dispose: (slot) => {
      users.leave(slot);
      slot.opening.then((session) => session.close()).catch(() => {});
    },
  });
  const sweep = setInterval(() => slots.purgeStale(), Math.max(1_000, options.idleMs / 4)).unref();

  function forget(key: string, slot: Slot): void {
    if (slots.peek(key) === slot) slots.delete(key);
  }

  function open(key: string, target: UpstreamTarget): Slot {
    const slot: Slot = { opening: options.open(target), session: undefined, sites: new Set() };
    slots.set(key, slot);
    slot.opening.then((session) => (slot.session = session)).catch(() => forget(key, slot));
    return slot;
  }

  return {
    get(target) {
      const key = keyOf(target);
      const slot = slots.get(key) ?? open(key, target);
      users.join(slot, target.site);
      return slot.opening;
    },
    ready(target) {
      const slot = slots.get(keyOf(target));
      if (!slot?.session) return undefined;
      users.join(slot, target.site);
      return slot.session;
    },
    drop(target, session) {
      const key = keyOf(target);
      const slot = slots.peek(key);
      slot?.opening.then((current) => current === session && forget(key, slot)).catch(() => {});
    },
    async close() {
      clearInterval(sweep);
      const ending = [...slots.values()].map(({ opening }) => opening.then((session) => session.close()));
      slots.clear();
      await Promise.allSettled(ending);
    },
  };
}

/** How many sessions serve each site. */
function createUsers(onCount: SessionPoolOptions['onCount']): {
  join: (slot: Slot, site: string) => void;
  leave: (slot: Slot) => void;
} {
  const counts = new Map<string, number>();
  function count(site: string, change: number): void {
    const next = (counts.get(site) ?? 0) + change;
    counts.set(site, next);
    onCount(site, next);
  }
  return {
    join(slot, site) {
      if (slot.sites.has(site)) return;
      slot.sites.add(site);
      count(site, 1);
    },
    leave(slot) {
      for (const site of slot.sites) count(site, -1);
      slot.sites.clear();
    },
  };
}

/** A target object stands for the same session as long as it lives: its key is written once. */
const keys = new WeakMap<UpstreamTarget, string>();

function keyOf(target: UpstreamTarget): string {
  const known = keys.get(target);
  if (known !== undefined) return known;
  const key = writeKey(target);
  keys.set(target, key);
  return key;
}

function writeKey({ endpoint, credential, era = 'legacy', capabilities }: UpstreamTarget): string {
  const declared = capabilities === undefined ? '' : JSON.stringify(capabilities);
  return `${credential.id} ${era} ${endpoint} ${declared}`;
}
