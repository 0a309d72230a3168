import type { Request } from 'express';

import { isLoopback } from '../config/value-rules.ts';
import { AdminProblem } from './admin-route.ts';

/** Finds out who a token of the admin API belongs to; undefined for one that is not good for it. */
export type VerifyAdmin = (token: string) => Promise<string | undefined>;

/** Says who asks, or throws AdminProblem. */
export type AdminGuard = (req: Request) => Promise<string>;

const LOCAL = 'local';
const LOOPBACK_ADDRESS = /^(?:::ffff:)?127\.|^::1$/;

/**
 * A token for the admin API opens it. Without `groups` in the configuration so does sitting on the machine itself.
 * A page that somebody has open could send requests too: browsers say where they come from, and are refused.
 */
export function createAdminGuard(options: {
  readonly groups: () => readonly string[];
  readonly verify: VerifyAdmin;
}): AdminGuard {
  return async function guard(req) {
    if (req.headers.origin !== undefined || req.headers['sec-fetch-site'] !== undefined)
      throw new AdminProblem(403, 'Requests from web pages are not accepted.');
    const token = /^bearer +(\S+)$/i.exec(req.headers.authorization ?? '')?.[1];
    const admin = token === undefined ? undefined : await options.verify(token);
    if (admin !== undefined) return admin;
    if (token === undefined && options.groups().length === 0 && isLocal(req)) return LOCAL;
    throw new AdminProblem(
      401,
      'The admin API wants an admin token (switchyard token create --admin), or an access token for /admin of a member of admin.groups, as Authorization: Bearer.',
    );
  };
}

/** Both ends are loopback, and the name is: a foreign name that points here is DNS rebinding. */
function isLocal({ socket, hostname }: Request): boolean {
  return LOOPBACK_ADDRESS.test(socket.remoteAddress ?? '') && isLoopback(hostname ?? '');
}
