import type { Connection, LinkSummary, Person } from '@switchyard/identity';

import type { SignInSide } from '../sign-in/sign-in.ts';
import { AdminProblem, type AdminRoute, type Asked } from './admin-route.ts';

/** The side of people; a problem where nobody signs in. */
export function openSide(signIn: () => SignInSide | undefined): SignInSide {
  const known = signIn();
  if (known) return known;
  throw new AdminProblem(404, 'Nobody signs in here: OAuth (auth.oauth) is off, or not open yet.');
}

/** People, what they linked, and the clients that act for them. */
export function peopleRoutes(signIn: () => SignInSide | undefined): AdminRoute[] {
  const side = (): SignInSide => openSide(signIn);
  return [...personRoutes(side), ...connectionRoutes(side), ...clientRoutes(side)];
}

function personRoutes(side: () => SignInSide): AdminRoute[] {
  async function setDisabled({ param }: Asked, disabled: boolean): Promise<unknown> {
    const { server } = side();
    const id = param('id');
    const known = disabled ? await server.disablePerson(id) : await server.enablePerson(id);
    if (!known) throw new AdminProblem(404, `Nobody has the id ${id}; see /admin/v1/people.`);
    return { id, disabled };
  }

  return [
    {
      method: 'get',
      path: '/people',
      summary: 'Everybody who signed in',
      handle: async () => ({ people: (await side().server.people.list()).map(personJson) }),
    },
    {
      method: 'post',
      path: '/people/{id}/disable',
      summary: 'Ends every connection of a person and refuses sign-ins, on every replica at once',
      handle: (asked) => setDisabled(asked, true),
    },
    {
      method: 'post',
      path: '/people/{id}/enable',
      summary: 'Lets a person sign in again',
      handle: (asked) => setDisabled(asked, false),
    },
    {
      method: 'delete',
      path: '/people/{id}/links',
      summary: 'Unlinks all sites of a person',
      handle: async ({ param }) => ({ removed: await side().vault.removePerson(param('id')) }),
    },
  ];
}

function connectionRoutes(side: () => SignInSide): AdminRoute[] {
  return [
    {
      method: 'get',
      path: '/connections',
      summary: 'Clients that act for people',
      query: { person: 'Of one person, by id', client: 'Of one client, by id' },
      async handle({ query }) {
        const [personId, clientId] = [query('person'), query('client')];
        const filter = personId ? { personId } : clientId ? { clientId } : 'all';
        return { connections: (await side().server.connections(filter)).map(connectionJson) };
      },
    },
    {
      method: 'delete',
      path: '/connections/{id}',
      summary: 'Ends one connection: its tokens are refused within a second, on every replica',
      async handle({ param }) {
        if (await side().server.revokeConnection(param('id'))) return undefined;
        throw new AdminProblem(404, `No connection has the id ${param('id')}; see /admin/v1/connections.`);
      },
    },
  ];
}

/** Ids of clients can be URLs, so they come in the body. */
const CLIENT = { clientId: 'The id of the client' };

function clientRoutes(side: () => SignInSide): AdminRoute[] {
  async function revokeClient({ body }: Asked, block: boolean): Promise<unknown> {
    const clientId = textOf(body, 'clientId');
    return { clientId, revoked: await side().server.revokeClient(clientId, { block }) };
  }

  return [
    {
      method: 'post',
      path: '/clients/revoke',
      summary: 'Ends every connection of a client and forgets its registration',
      body: CLIENT,
      handle: (asked) => revokeClient(asked, false),
    },
    {
      method: 'post',
      path: '/clients/block',
      summary: 'The same, and refuses the client from now on',
      body: CLIENT,
      handle: (asked) => revokeClient(asked, true),
    },
    {
      method: 'post',
      path: '/clients/unblock',
      summary: 'Lets a client come again',
      body: CLIENT,
      async handle({ body }) {
        const clientId = textOf(body, 'clientId');
        await side().server.unblockClient(clientId);
        return { clientId };
      },
    },
  ];
}

function textOf(body: Asked['body'], key: string): string {
  const value = body[key];
  if (typeof value === 'string' && value !== '') return value;
  throw new AdminProblem(400, `The body must be JSON with a text "${key}".`);
}

/** What may be shown of a person. */
export function personJson(person: Person): object {
  const { id, issuer, subject, name, email, groups, lastSignInMs, disabled = false } = person;
  return {
    id,
    issuer,
    subject,
    name: name ?? null,
    email: email ?? null,
    groups: groups ?? null,
    lastSignIn: time(lastSignInMs),
    disabled,
  };
}

/** A client that acts for a person, with the limits that the person set. */
export function connectionJson(connection: Connection): object {
  const { id, personId, clientId, clientName, redirectHost, audience, scopes, picks, origin } = connection;
  return {
    id,
    personId,
    client: { id: clientId, name: clientName, redirectHost },
    audience,
    scopes,
    sites: picks.cloudIds ? [...picks.cloudIds] : null,
    products: picks.products ?? null,
    readOnly: picks.readOnly ?? false,
    origin,
    since: time(connection.sinceMs),
    lastUsed: connection.lastUsedMs === undefined ? null : time(connection.lastUsedMs),
  };
}

/** A link without what opens the site. */
export function linkJson({ kind, status, accountId, email, linkedAt, expiresAt }: LinkSummary): object {
  return {
    kind,
    status,
    account: { id: accountId ?? null, email: email ?? null },
    since: time(linkedAt),
    expires: expiresAt === undefined ? null : time(expiresAt),
  };
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
