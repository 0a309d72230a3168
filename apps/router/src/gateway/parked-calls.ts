import { randomUUID } from 'node:crypto';

import { LRUCache } from 'lru-cache';

import type { Ask, Conversation } from './conversation.ts';

/** A call that waits at its site while the client asks the person. */
export interface ParkedCall {
  readonly conversation: Conversation;
  /** The questions that were put, by the keys that the client knows. */
  readonly asks: ReadonlyMap<string, Ask>;
  /** Ends it at the site; nobody will come for it. */
  readonly abandon: () => void;
}

/** Calls that wait for answers of the client; each is taken up again once. */
export interface ParkedCalls {
  /** The id under which it can be taken up. */
  park(call: ParkedCall): string;
  take(id: string): ParkedCall | undefined;
  close(): void;
}

const MAX_PARKED = 1_000;

/** How long the person may take; also the life of the sealed state. */
export const PARKED_MS = 300_000;

export function createParkedCalls(): ParkedCalls {
  const calls = new LRUCache<string, ParkedCall>({
    max: MAX_PARKED,
    ttl: PARKED_MS,
    ttlAutopurge: true,
    dispose: (call, _id, reason) => {
      if (reason !== 'delete') call.abandon();
    },
  });
  return {
    park(call) {
      const id = randomUUID();
      calls.set(id, call);
      return id;
    },
    take(id) {
      const call = calls.get(id);
      calls.delete(id);
      return call;
    },
    close() {
      for (const call of calls.values()) call.abandon();
      for (const id of calls.keys()) calls.delete(id);
    },
  };
}
