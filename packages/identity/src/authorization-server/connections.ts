import type { Picks, ProductLevels } from '@switchyard/catalogue';

import { createSealedRecords, hashedId, type Safe } from './sealed-records.ts';

/** A client that may act for a person: what the person agreed to, and since when. Times in milliseconds since 1970. */
export interface Connection {
  /** The grant that every token of this connection belongs to. */
  readonly id: string;
  readonly personId: string;
  readonly clientId: string;
  readonly clientName: string;
  readonly redirectHost: string;
  /** The MCP URL that the tokens are for. */
  readonly audience: string;
  readonly scopes: readonly string[];
  readonly picks: Picks;
  readonly sinceMs: number;
  readonly lastUsedMs?: number;
  /** How it came about: asked of the person, or vouched for by the company's provider (ID-JAG). */
  readonly origin: 'consent' | 'id-jag';
}

interface StoredConnection extends Omit<Connection, 'picks'> {
  readonly picks: {
    readonly cloudIds?: readonly string[];
    readonly products?: ProductLevels;
    readonly readOnly?: boolean;
  };
}

/** Which connections to list. */
export type ConnectionFilter = { readonly personId: string } | { readonly clientId: string } | 'all';

/** All connections. Whatever has no record here is no longer valid, whoever holds a token of it. */
export interface Connections {
  save(connection: Connection): Promise<void>;
  find(connectionId: string): Promise<Connection | undefined>;
  /** Notes that a token was issued. */
  touch(connectionId: string): Promise<void>;
  list(filter: ConnectionFilter): Promise<Connection[]>;
  /** False when there was none. */
  remove(connectionId: string): Promise<boolean>;
}

export interface ConnectionsOptions extends Safe {
  readonly now: () => number;
  /** How long a connection lasts from its consent. */
  readonly lifetimeMs: number;
}

/** Keeps connections and the indexes that find them. */
export function createConnections({ now, lifetimeMs, ...safe }: ConnectionsOptions): Connections {
  const records = createSealedRecords<StoredConnection>(safe, 'connection');

  function remainingMs({ sinceMs }: Pick<Connection, 'sinceMs'>): number {
    return Math.max(1, sinceMs + lifetimeMs - now());
  }

  async function find(connectionId: string): Promise<Connection | undefined> {
    const stored = await records.get(connectionId);
    return stored && opened(stored.record);
  }

  return {
    async save(connection) {
      // The indexes come first: a connection that cannot be found could not be taken back.
      for (const set of indexesOf(connection)) await safe.state.addMember(set, connection.id, lifetimeMs);
      await records.put(connection.id, stored(connection), { ttlMs: remainingMs(connection) });
    },
    find,
    async touch(connectionId) {
      const known = await records.get(connectionId);
      if (!known) return;
      const record = { ...known.record, lastUsedMs: now() };
      // Whoever was faster noted the same, or took the connection away.
      await records.put(connectionId, record, { ttlMs: remainingMs(record), ifVersion: known.version });
    },
    async list(filter) {
      const set = indexOf(filter);
      const found: Connection[] = [];
      for (const id of await safe.state.members(set)) {
        const connection = await find(id);
        if (connection) found.push(connection);
        else await safe.state.removeMember(set, id);
      }
      return found;
    },
    async remove(connectionId) {
      const known = await find(connectionId);
      const removed = await records.delete(connectionId);
      for (const set of known ? indexesOf(known) : []) await safe.state.removeMember(set, connectionId);
      return removed;
    },
  };
}

function indexesOf({ personId, clientId }: Connection): string[] {
  return [indexOf({ personId }), indexOf({ clientId }), indexOf('all')];
}

function indexOf(filter: ConnectionFilter): string {
  if (filter === 'all') return 'oauth:connections';
  return 'personId' in filter
    ? `oauth:connections:person:${filter.personId}`
    : `oauth:connections:client:${hashedId(filter.clientId)}`;
}

function stored({ picks: { cloudIds, ...picks }, ...connection }: Connection): StoredConnection {
  return { ...connection, picks: { ...picks, ...(cloudIds && { cloudIds: [...cloudIds] }) } };
}

function opened({ picks: { cloudIds, ...picks }, ...connection }: StoredConnection): Connection {
  return { ...connection, picks: { ...picks, ...(cloudIds && { cloudIds: new Set(cloudIds) }) } };
}
