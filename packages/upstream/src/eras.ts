import { LRUCache } from 'lru-cache';

import type { Probe } from './modern-session.ts';
import type { Session } from './session.ts';
import { placeOf, type UpstreamTarget } from './target.ts';
import { UpstreamError } from './upstream-error.ts';

/** Which era is spoken with a site. Each throws UpstreamError. */
export interface Eras {
  /** Opens the session that fits: in the client's own era where the site speaks it, else in the other one. */
  open(target: UpstreamTarget): Promise<Session>;
  /** The way to a site that speaks the modern era; undefined for another one, where nothing is opened or remembered. */
  openModern(target: UpstreamTarget): Promise<Session | undefined>;
}

const LEGACY_MS = 24 * 3_600_000;
const MAX_VERDICTS = 10_000;

/**
 * Verdicts are kept per credential and endpoint. "Legacy" is dated: a stale one would go on working
 * for ever without anybody noticing that the site has learnt the new protocol.
 */
export function createEras(options: {
  readonly openLegacy: (target: UpstreamTarget) => Promise<Session>;
  readonly probe: (target: UpstreamTarget) => Promise<Probe>;
}): Eras {
  const legacyOnly = new LRUCache<string, true>({ max: MAX_VERDICTS, ttl: LEGACY_MS });

  async function openModernFirst(target: UpstreamTarget): Promise<Session> {
    const key = placeOf(target);
    if (legacyOnly.has(key)) return options.openLegacy(target);
    const probed = await options.probe(target);
    if (probed.era === 'modern') return probed.session;
    if (probed.era === 'unknown' && probed.error.code === 'unauthorized') throw probed.error;
    const session = await options.openLegacy(target);
    if (probed.era === 'legacy') legacyOnly.set(key, true);
    return session;
  }

  async function openLegacyFirst(target: UpstreamTarget): Promise<Session> {
    try {
      return await options.openLegacy(target);
    } catch (error) {
      if (!(error instanceof UpstreamError) || !refusesInitialize(error)) throw error;
      const probed = await options.probe(target);
      if (probed.era === 'modern') return probed.session;
      throw error;
    }
  }

  return {
    open: (target) => (target.era === 'modern' ? openModernFirst(target) : openLegacyFirst(target)),
    async openModern(target) {
      if (legacyOnly.has(placeOf(target))) return undefined;
      const probed = await options.probe(target);
      if (probed.era === 'unknown') throw probed.error;
      return probed.era === 'modern' ? probed.session : undefined;
    },
  };
}

/** A site without the session era answers `initialize` with an error, or like an address where nothing is. */
function refusesInitialize(error: UpstreamError): boolean {
  return error.code === 'garbled' || error.code === 'no_endpoint';
}
