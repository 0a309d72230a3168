import type { ServerResponse } from 'node:http';

import {
  type AuthorizationServer,
  type KeyRing,
  openRecord,
  type Person,
  sealRecord,
} from '@switchyard/identity';
import type { Request } from 'express';

import type { BrowserSessions } from '../connect/browser-sessions.ts';
import { pageHeaders } from '../pages/page-headers.ts';
import type { BrowserIdentity } from './browser-identity.ts';
import { createOwnCookie } from './cookies.ts';

/** Sessions with their beginning and end. */
export interface OwnSessions extends BrowserSessions {
  /** After a sign-in. */
  begin(res: ServerResponse, person: Person, browser: string): void;
  end(res: ServerResponse): void;
}

export interface OwnSessionsOptions {
  readonly keys: KeyRing;
  readonly browsers: BrowserIdentity;
  readonly people: Pick<AuthorizationServer['people'], 'find'>;
  readonly publicUrl: () => string;
  readonly now?: () => number;
}

interface Session {
  readonly personId: string;
  readonly browser: string;
  readonly sinceMs: number;
}

export const SIGN_IN_PATH = '/oauth/sign-in';
const LIFETIME_MS = 8 * 3_600_000;
const PURPOSE = ['browser session'];

/** The session is the sealed cookie itself, so every replica can read it; who it names is looked up each time. */
export function createOwnSessions(options: OwnSessionsOptions): OwnSessions {
  const { keys, browsers, people, publicUrl, now = Date.now } = options;
  const cookie = createOwnCookie('switchyard', publicUrl);

  function sessionOf(req: Request): Session | undefined {
    const text = openRecord(keys, PURPOSE, cookie.read(req) ?? '');
    if (text === undefined) return undefined;
    const session = JSON.parse(text) as Session;
    // A session that was carried to another browser is worth nothing there.
    const current = now() - session.sinceMs < LIFETIME_MS && session.browser === browsers.read(req);
    return current ? session : undefined;
  }

  async function read(req: Request): ReturnType<BrowserSessions['read']> {
    const session = sessionOf(req);
    const person = session && (await people.find(session.personId));
    if (!person || person.disabled === true) return undefined;
    const { id, name, email, groups = [] } = person;
    return {
      personId: id,
      ...(name !== undefined && { name }),
      ...(email !== undefined && { email }),
      groups,
      browser: browsers.token(session.browser, `sign-in ${session.sinceMs}`),
      csrf: browsers.token(session.browser, `forms ${session.sinceMs}`),
    };
  }

  return {
    read,
    async require(req, res) {
      const signedIn = await read(req);
      if (signedIn) return signedIn;
      // Without the query: what somebody put there is not carried on into further addresses (I5).
      const to = new URLSearchParams({ to: `${req.baseUrl}${req.path}` }).toString();
      res.set(pageHeaders()).redirect(303, `${SIGN_IN_PATH}?${to}`);
      return undefined;
    },
    begin(res, { id }, browser) {
      const session: Session = { personId: id, browser, sinceMs: now() };
      cookie.write(res, sealRecord(keys, PURPOSE, JSON.stringify(session)), LIFETIME_MS / 1_000);
    },
    end: (res) => cookie.clear(res),
  };
}
