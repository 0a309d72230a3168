import type { AuthorizationServer, Connection } from '@switchyard/identity';
import type { Request, Response } from 'express';

import type { SignedIn } from '../connect/browser-sessions.ts';
import { field } from '../connect/form-guard.ts';
import { renderConnections } from '../pages/connections.ts';
import { PATHS } from '../pages/layout.ts';
import { pageHeaders } from '../pages/page-headers.ts';

/** "Connected apps": what a person let in, and how it is ended. */
export interface ClientPages {
  list(req: Request, res: Response, person: SignedIn): Promise<void>;
  revoke(req: Request, res: Response, person: SignedIn): Promise<void>;
}

export interface ClientPagesOptions {
  readonly server: Pick<AuthorizationServer, 'connections' | 'revokeConnection'>;
  /** What people call a site. */
  readonly siteTitle: (cloudId: string) => string;
}

export const REVOKE_PATH = `${PATHS.clients}/revoke`;

/** A person sees and ends their own connections only. */
export function createClientPages({ server, siteTitle }: ClientPagesOptions): ClientPages {
  function shown({ id, clientName, redirectHost, sinceMs, lastUsedMs, picks, scopes }: Connection) {
    return {
      id,
      clientName,
      redirectHost,
      since: sinceMs,
      ...(lastUsedMs !== undefined && { lastUsed: lastUsedMs }),
      sites: picks.cloudIds ? [...picks.cloudIds].map(siteTitle) : ['Every site of yours'],
      readOnly: picks.readOnly === true || !scopes.includes('atl:write'),
    };
  }

  return {
    async list(req, res, person) {
      const connections = await server.connections({ personId: person.personId });
      const { name, email, csrf } = person;
      const page = renderConnections({
        account: { ...(name !== undefined && { name }), ...(email !== undefined && { email }) },
        connections: connections.toSorted((one, other) => other.sinceMs - one.sinceMs).map(shown),
        csrf,
        revokeAction: REVOKE_PATH,
        ...(req.query['done'] === 'revoked' && { notice: 'The app is disconnected. Its access has ended.' }),
      });
      res.set(pageHeaders()).send(page);
    },
    async revoke(req, res, { personId }) {
      const asked = field(req, 'connection');
      const own = await server.connections({ personId });
      // Ids of others are answered like ids that never were.
      if (own.some(({ id }) => id === asked)) await server.revokeConnection(asked);
      res.set(pageHeaders()).redirect(303, `${PATHS.clients}?done=revoked`);
    },
  };
}
