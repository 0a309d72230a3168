import type { Request, Response } from 'express';

import { pageHeaders } from '../pages/page-headers.ts';
import type { SignedIn } from './browser-sessions.ts';

/** One request of a person who is signed in. */
export interface Visit {
  readonly req: Request;
  readonly res: Response;
  readonly person: SignedIn;
}

/** What was just done, as the address of the list says it. */
export type Done = 'linked' | 'linked-partly' | 'unlinked';

export const LIST_PATH = '/connect';

export function sendPage(res: Response, page: string, status = 200): void {
  res.status(status).set(pageHeaders()).send(page);
}

/** To the list, so that a page that is loaded again does nothing again. */
export function sendHome(res: Response, done: Done, value: string): void {
  const query = new URLSearchParams({ done, site: value }).toString();
  res.set(pageHeaders()).redirect(303, `${LIST_PATH}?${query}`);
}
