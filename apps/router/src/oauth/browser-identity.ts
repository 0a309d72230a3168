import { createHmac, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { KeyRing } from '@switchyard/identity';

import { createOwnCookie } from './cookies.ts';

/** Tells one browser from another, signed in or not. */
export interface BrowserIdentity {
  /** The secret that this browser holds; undefined: none yet. */
  read(req: IncomingMessage): string | undefined;
  /** As `read`, and gives it one first where there is none. */
  ensure(req: IncomingMessage, res: ServerResponse): string;
  /** A value that only this browser's pages can know, for one purpose. */
  token(browser: string, purpose: string): string;
}

const SECRET = /^[\w-]{43}$/;

/** The secret is random and lives in a cookie until the browser is closed. */
export function createBrowserIdentity(keys: KeyRing, publicUrl: () => string): BrowserIdentity {
  const cookie = createOwnCookie('switchyard-browser', publicUrl);
  const key = keys.key(keys.current) ?? randomBytes(32);

  function read(req: IncomingMessage): string | undefined {
    const secret = cookie.read(req);
    return secret !== undefined && SECRET.test(secret) ? secret : undefined;
  }

  return {
    read,
    ensure(req, res) {
      const known = read(req);
      if (known !== undefined) return known;
      const secret = randomBytes(32).toString('base64url');
      cookie.write(res, secret);
      return secret;
    },
    token: (browser, purpose) =>
      createHmac('sha256', key)
        .update(JSON.stringify(['browser token', purpose, browser]))
        .digest('base64url'),
  };
}
