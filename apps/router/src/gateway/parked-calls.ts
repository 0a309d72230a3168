import { randomUUID } from 'node:crypto';

import { LRUCache } from 'lru-cache';

import { createOwnerCounts } from './owner-counts.ts';
import type { Sealer } from './sealer.ts';

/** A call that waits at its site while the client asks the person. */
export interface ParkedCall {
  /** The caller, who alone may take it up. */
  readonly owner: string;
  /** The caller's own: what another replica must bring back to the client goes under it. */
  readonly sealer: Sealer;
  /** Goes on with what was answered, up to what the client reads next. Rejects for a fault of ours only. */
  readonly goOn: (next: NextTurn) => Promise<TurnAnswer>;
  /** Ends it at the site; nobody will come for it. */
  readonly abandon: () => void;
}

/** The request that takes a call up; both are JSON texts. */
export interface NextTurn {
  readonly idText: string;
  /** What the client answered, by the keys that it knows. */
  readonly responsesText: string;
}

/** What a client reads at the end of a turn: the pieces of a response, its HTTP status, how it failed for the metric. */
export interface TurnAnswer {
  readonly pieces: readonly Buffer[];
  readonly status: number;
  readonly errorType: string | undefined;
}

/** Calls that wait for answers of the client; each is taken up again once. */
export interface ParkedCalls {
  /**
   * The id under which it can be taken up. A caller with too many loses the oldest of its own, never one of another;
   * undefined when there is no room and none of its own: then it ends.
   */
  park(call: ParkedCall): string | undefined;
  /** Undefined for what is not parked here, and for the call of another. */
  take(id: string, owner: string): ParkedCall | undefined;
  close(): void;
}

const MAX_PARKED = 1_000;
/** Each holds a connection to its site, of which there are a few hundred for all callers. */
const MAX_PER_OWNER = 20;

/** How long the person may take; also the life of the sealed state. */
export const PARKED_MS = 300_000;

interface Place {
  readonly call: ParkedCall;
  readonly giveBack: () => void;
}

export function createParkedCalls(): ParkedCalls {
  const owners = createOwnerCounts();
  const places = new LRUCache<string, Place>({
    max: MAX_PARKED,
    ttl: PARKED_MS,
    ttlAutopurge: true,
    dispose: ({ call, giveBack }, _id, reason) => {
      giveBack();
      if (reason !== 'delete') call.abandon();
    },
  });

  function end(id: string): void {
    const place = places.peek(id);
    places.delete(id);
    place?.call.abandon();
  }

  /** Nothing renews a place: the least used is the oldest. */
  function oldestOf(owner: string): string | undefined {
    for (const id of places.rkeys()) if (places.peek(id)?.call.owner === owner) return id;
    return undefined;
  }

  function makeRoom(owner: string): boolean {
    if (owners.of(owner) < MAX_PER_OWNER && places.size < MAX_PARKED) return true;
    const oldest = oldestOf(owner);
    if (oldest === undefined) return false;
    end(oldest);
    return true;
  }

  return {
    park(call) {
      if (!makeRoom(call.owner)) {
        call.abandon();
        return undefined;
      }
      const id = randomUUID();
      places.set(id, { call, giveBack: owners.take(call.owner) });
      return id;
    },
    take(id, owner) {
      const place = places.peek(id);
      if (place?.call.owner !== owner) return undefined;
      places.delete(id);
      return place.call;
    },
    close() {
      const ending = [...places.values()];
      places.clear();
      for (const { call } of ending) call.abandon();
    },
  };
}
