import { type ClientPolicy, type Clients, createClients } from './clients.ts';
import { type Connections, createConnections } from './connections.ts';
import type { AuthorizationEvent } from './events.ts';
import { createPeople, type People } from './people.ts';
import { createSealedRecords, type Safe } from './sealed-records.ts';
import { createStandings, type Standings } from './standings.ts';

/** What is known of clients, people and connections, and how a connection ends. */
export interface Records {
  readonly clients: Clients;
  readonly connections: Connections;
  readonly people: People;
  readonly standings: Standings;
  /** On all replicas. False when there was none. */
  endConnection(connectionId: string): Promise<boolean>;
}

export interface RecordsOptions extends Safe {
  readonly policy: () => ClientPolicy;
  readonly maxRegistered: number;
  readonly jwtBearer: boolean;
  /** How long a connection lasts from its consent. */
  readonly connectionMs: number;
  readonly now: () => number;
  readonly onEvent: (event: AuthorizationEvent) => void;
}

/** Joins the records to the news about them. */
export function createRecords(options: RecordsOptions): Records {
  const { state, keys, now, onEvent } = options;
  const safe: Safe = { state, keys };
  const grants = createSealedRecords<unknown>(safe, 'Grant');
  const clients = createClients(options);
  const connections = createConnections({ ...safe, now, lifetimeMs: options.connectionMs });
  const people = createPeople({
    ...safe,
    now,
    onChanged: (id) => standings.announce({ kind: 'person', id }),
  });
  const standings = createStandings({ state, connections, people, isBlocked: clients.isBlocked });
  return {
    clients,
    connections,
    people,
    standings,
    async endConnection(id) {
      const ended = await connections.remove(id);
      await grants.delete(id);
      await standings.announce({ kind: 'connection', id });
      if (ended) onEvent({ kind: 'revoked', what: 'connection', id });
      return ended;
    },
  };
}
