import { LRUCache } from 'lru-cache';

import type { Probe } from './modern-session.ts';
import type { Session } from './session.ts';
import type { UpstreamTarget } from './target.ts';
import { UpstreamError } from './upstream-error.ts';

/** Opens the session that fits: in the client's own era where the site speaks it, else in the other one. */
export type OpenInEra = (target: UpstreamTarget) => Promise<Session>;

const LEGACY_MS = 24 * 3_600_000;
const MAX_VERDICTS = 10_000;

/**
 * Verdicts are kept per credential and endpoint. "Legacy" is dated: a stale one would go on working
 * for ever without anybody noticing that the site has learnt the new protocol.
 */
export function createEras(options: {
  readonly openLegacy: (target: UpstreamTarget) => Promise<Session>;
  readonly probe: (target: UpstreamTarget) => Promise<Probe>;
}): OpenInEra {
  const legacyOnly = new LRUCache<string, true>({ max: MAX_VERDICTS, ttl: LEGACY_MS });

  async function openModern(target: UpstreamTarget): Promise<Session> {
    const key = `${target.credential.id} ${target.endpoint}`;
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

  return (target) => (target.era === 'modern' ? openModern(target) : openLegacyFirst(target));
}

/** A site without the session era answers `initialize` with an error, or like an address where nothing is. */
function refusesInitialize(error: UpstreamError): boolean {
  return error.code === 'garbled' || error.code === 'no_endpoint';
}
