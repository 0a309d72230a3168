// What other replicas know, and the lock that lets one of them ask upstream while the others wait for its answer.
import { setTimeout as sleep } from 'node:timers/promises';

import type { Answer } from './answer.ts';
import type { FlightPlan, ToolListRequest } from './flight-plan.ts';
import type { ReleaseLock } from './tool-list-store.ts';

/** The shared part of one flight. */
export interface ReplicaLookup {
  /** Takes over a newer list and answers with it; true when it is fresh, so that upstream need not be asked. */
  take(): Promise<boolean>;
  /**
   * The right to ask upstream. `not needed`: another replica has just done it. `none`: the store gives no lock, or
   * its holder took longer than `lockMs`; two loads are better than no list. Rejects only when stopped.
   */
  lock(): Promise<ReleaseLock | 'none' | 'not needed'>;
  /** Tells what the store was good for, once it is known that upstream must be asked. */
  report(): void;
}

/** What one lookup works with. */
export interface ReplicaLookupOptions {
  readonly plan: Pick<FlightPlan<ToolListRequest>, 'known' | 'shared' | 'emit' | 'lockMs'>;
  readonly request: ToolListRequest;
  readonly answer: Answer;
  /** Called when upstream is not needed, before anybody hears of it. */
  readonly onLanded: () => void;
  /** Ends the wait for the lock. */
  readonly stop: AbortSignal;
}

const POLL_MS = 40;

/** A lookup that has not begun. */
export function createReplicaLookup(options: ReplicaLookupOptions): ReplicaLookup {
  const { plan, request, answer, stop } = options;
  const { known, shared, emit } = plan;
  const { key, site } = request;
  let result: 'stale' | 'miss' | undefined;

  async function take(): Promise<boolean> {
    const list = await shared.read(key, known.newest(key));
    if (list === 'unavailable') return false;
    result ??= 'miss';
    if (list === 'absent') return false;
    const previous = known.look(key)?.list;
    known.keep(key, list);
    const standing = known.look(key)?.standing;
    if (standing === undefined) return false;
    result = 'stale';
    if (standing === 'fresh') options.onLanded();
    if (standing !== 'outdated') answer.give({ kind: 'list', list, age: standing });
    emit({ type: 'received', site, key, ...(previous && { previous }), list });
    if (standing === 'fresh') emit({ type: 'lookup', site, tier: 'redis', result: 'hit' });
    return standing === 'fresh';
  }

  async function lock(): Promise<ReleaseLock | 'none' | 'not needed'> {
    const giveUpAt = performance.now() + plan.lockMs;
    for (;;) {
      const taken = await shared.lock(key);
      if (taken === 'unavailable') return 'none';
      if (taken !== 'held') return taken;
      if (performance.now() >= giveUpAt) return 'none';
      // Jitter, so that the losers do not all come back at once.
      await sleep(POLL_MS * (0.5 + Math.random()), undefined, { signal: stop, ref: false });
      if (await take()) return 'not needed';
    }
  }

  function report(): void {
    if (result !== undefined) emit({ type: 'lookup', site, tier: 'redis', result });
  }

  return { take, lock, report };
}
