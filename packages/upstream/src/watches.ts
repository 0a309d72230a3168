import { LRUCache } from 'lru-cache';

import type { Session } from './session.ts';
import { createSiteWatch, type Interest, type SiteWatch, type SiteWatchOptions } from './site-watch.ts';
import { placeOf, type UpstreamTarget } from './target.ts';

/** Sites of the modern era that are asked to tell what changes there: one stream for each credential and endpoint. */
export interface Watches {
  /** Returns the way to stop. */
  begin(target: UpstreamTarget, interest: Interest): () => void;
  /** Whether a site can be asked to. Never rejects. */
  tells(target: UpstreamTarget): Promise<boolean>;
  close(): void;
}

export interface WatchesOptions extends Omit<SiteWatchOptions, 'target' | 'onNotification'> {
  readonly onNotification: (target: UpstreamTarget, method: string, params: unknown) => void;
}

/** Beyond that lists are as fresh as they are without. */
const MAX_WATCHES = 5_000;
/** How long a site counts as one of the session era. */
const LEGACY_MS = 3_600_000;
const MAX_LEGACY = 10_000;

export function createWatches(options: WatchesOptions): Watches {
  const watches = new Map<string, SiteWatch>();
  const legacy = new LRUCache<string, true>({ max: MAX_LEGACY, ttl: LEGACY_MS });

  async function openModern(target: UpstreamTarget): Promise<Session | undefined> {
    if (legacy.has(placeOf(target))) return undefined;
    const session = await options.openModern(target);
    if (!session) legacy.set(placeOf(target), true);
    return session;
  }

  function join(target: UpstreamTarget, interest: Interest): SiteWatch | undefined {
    const place = placeOf(target);
    const known = watches.get(place);
    if (known) known.join(interest);
    if (known || watches.size >= MAX_WATCHES) return known;
    const onNotification = (method: string, params: unknown): void =>
      options.onNotification(target, method, params);
    const created = createSiteWatch({ ...options, target, openModern, onNotification }, interest);
    watches.set(place, created);
    return created;
  }

  return {
    begin(target, interest) {
      const watch = join(target, interest);
      return () => {
        if (watch?.leave(interest) && watches.get(placeOf(target)) === watch) watches.delete(placeOf(target));
      };
    },
    tells: (target) =>
      openModern(target).then(
        (session) => session !== undefined,
        () => false,
      ),
    close() {
      for (const watch of watches.values()) watch.close();
      watches.clear();
    },
  };
}
