import type { Connection, ConnectionFilter } from './connections.ts';
import type { AuthorizationEvent } from './events.ts';
import type { Records } from './records.ts';

/** Seeing who is connected, and ending it. All of it holds on every replica at once. */
export interface Administration {
  connections(filter: ConnectionFilter): Promise<Connection[]>;
  /** False when there was none. */
  revokeConnection(connectionId: string): Promise<boolean>;
  /** Ends every connection that the filter names; the number of them. */
  revokeAll(filter: ConnectionFilter): Promise<number>;
  /** Ends a client's connections and forgets its registration; with `block` it stays out until it is unblocked. */
  revokeClient(clientId: string, options?: { readonly block?: boolean }): Promise<number>;
  unblockClient(clientId: string): Promise<void>;
  /** Ends a person's connections and refuses sign-ins until enabled again. False when nobody has this id. */
  disablePerson(personId: string): Promise<boolean>;
  enablePerson(personId: string): Promise<boolean>;
}

const AT_ONCE = 50;

/** The actions of administrators, and of people on their own connections. */
export function createAdministration(
  { connections, standings, clients, people, endConnection }: Records,
  onEvent: (event: AuthorizationEvent) => void,
): Administration {
  async function revokeAll(filter: ConnectionFilter): Promise<number> {
    const ended = await connections.list(filter);
    for (let start = 0; start < ended.length; start += AT_ONCE) {
      await Promise.all(ended.slice(start, start + AT_ONCE).map(({ id }) => endConnection(id)));
    }
    return ended.length;
  }

  return {
    connections: (filter) => connections.list(filter),
    revokeConnection: endConnection,
    revokeAll,
    async revokeClient(clientId, { block = false } = {}) {
      await clients.remove(clientId, { block });
      // A block works at once, however many connections there are to end.
      await standings.announce({ kind: 'client', id: clientId });
      onEvent({ kind: 'revoked', what: 'client', id: clientId });
      return revokeAll({ clientId });
    },
    async unblockClient(clientId) {
      await clients.unblock(clientId);
      await standings.announce({ kind: 'client', id: clientId });
    },
    async disablePerson(personId) {
      const known = await people.setDisabled(personId, true);
      if (known) onEvent({ kind: 'revoked', what: 'person', id: personId });
      await revokeAll({ personId });
      return known;
    },
    enablePerson: (personId) => people.setDisabled(personId, false),
  };
}
