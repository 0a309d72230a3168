import { EventEmitter } from 'node:events';

import { LRUCache } from 'lru-cache';

import type { DurableState } from '../state/durable-state.ts';
import type { Connection, Connections } from './connections.ts';
import type { People, Person } from './people.ts';

/**
 * What is no longer as it was: a connection or a client lost its rights, somebody's groups or standing changed, or news
 * may have been missed and nothing kept is sure. Whoever keeps verdicts drops those that it names.
 */
export type Change =
  | { readonly kind: 'connection' | 'client' | 'person'; readonly id: string }
  | { readonly kind: 'everything' };

/** A connection as it stands, with the person behind it. */
interface Standing {
  readonly connection: Connection;
  readonly person: Person;
}

/** What tokens are checked against: kept for moments, and dropped on every replica when it changes. */
export interface Standings {
  /** Undefined: revoked, expired, or its person is disabled or gone. Rejects while the store does not answer. */
  of(connectionId: string): Promise<Standing | undefined>;
  /** Whether a client that comes without a person is blocked. */
  isBlocked(clientId: string): Promise<boolean>;
  announce(change: Change): Promise<void>;
  /** Returns the way to stop. */
  onChange(listener: (change: Change) => void): () => void;
  close(): void;
}

export interface StandingsOptions {
  readonly state: DurableState;
  readonly connections: Pick<Connections, 'find'>;
  readonly people: Pick<People, 'find'>;
  readonly isBlocked: (clientId: string) => Promise<boolean>;
}

const CHANNEL = 'oauth:changes';
const MAX_KEPT = 10_000;
/** Bounds how long a replica that gets no news at all goes on believing. */
const KEPT_MS = 30_000;

/** Reads standings from the store and keeps them for half a minute. */
export function createStandings({ state, connections, people, isBlocked }: StandingsOptions): Standings {
  const kept = new LRUCache<string, Standing>({ max: MAX_KEPT, ttl: KEPT_MS });
  const blocked = new LRUCache<string, boolean>({ max: MAX_KEPT, ttl: KEPT_MS });
  const news = new EventEmitter<{ change: [Change] }>().setMaxListeners(0);
  let changes = 0;

  function apply(change: Change): void {
    changes += 1;
    if (change.kind === 'connection') kept.delete(change.id);
    else if (change.kind === 'client') blocked.delete(change.id);
    else if (change.kind === 'person') forgetPerson(change.id);
    else forgetAll();
    news.emit('change', change);
  }

  function forgetPerson(personId: string): void {
    for (const [id, { person }] of kept) if (person.id === personId) kept.delete(id);
  }

  function forgetAll(): void {
    kept.clear();
    blocked.clear();
  }

  async function read(connectionId: string): Promise<Standing | undefined> {
    const connection = await connections.find(connectionId);
    const person = connection && (await people.find(connection.personId));
    return connection && person && person.disabled !== true ? { connection, person } : undefined;
  }

  /** What was read before a change arrived may be older than the change: it answers this once and is not kept. */
  async function keep<T>(cache: LRUCache<string, T & {}>, id: string, ask: () => Promise<T | undefined>) {
    const before = changes;
    const found = await ask();
    if (found !== undefined && before === changes) cache.set(id, found as T & {});
    return found;
  }

  const unsubscribe = state.subscribe(
    CHANNEL,
    (message) => apply(readChange(message)),
    () => apply({ kind: 'everything' }),
  );
  return {
    of: async (connectionId) =>
      kept.get(connectionId) ?? (await keep(kept, connectionId, () => read(connectionId))),
    isBlocked: async (clientId) =>
      blocked.get(clientId) ?? (await keep(blocked, clientId, () => isBlocked(clientId))) ?? false,
    async announce(change) {
      // This replica does not wait for its own news.
      apply(change);
      await state.publish(CHANNEL, JSON.stringify(change));
    },
    onChange(listener) {
      news.on('change', listener);
      return () => void news.off('change', listener);
    },
    close: unsubscribe,
  };
}

/** News that cannot be read count as news about everything. */
function readChange(message: string): Change {
  try {
    const change = JSON.parse(message) as Partial<Record<'kind' | 'id', unknown>>;
    const { kind, id } = change;
    if ((kind === 'connection' || kind === 'client' || kind === 'person') && typeof id === 'string') {
      return { kind, id };
    }
  } catch {
    // Falls through.
  }
  return { kind: 'everything' };
}
