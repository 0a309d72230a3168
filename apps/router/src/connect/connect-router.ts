import { clientMetadata, type Linking, type Vault } from '@switchyard/identity';
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';

import { renderMessage } from '../pages/message.ts';
import { createAttemptLimit } from './attempt-limit.ts';
import type { BrowserSessions } from './browser-sessions.ts';
import type { LinkPolicy } from './connect-sites.ts';
import { isOwnForm, readForm } from './form-guard.ts';
import { createLinkDesk, type LinkRefusal } from './link-desk.ts';
import { createOauthPages } from './oauth-pages.ts';
import { LIST_PATH, sendPage, type Visit } from './page-replies.ts';
import { createSitePages } from './site-pages.ts';
import { createTokenForm } from './token-form.ts';

/** Paths of this router on the public origin. */
export const CALLBACK_PATH = '/connect/atlassian/callback';
export const CLIENT_DOCUMENT_PATH = '/connect/client-metadata.json';

/** What the pages of linking stand on. */
export interface ConnectOptions {
  readonly sessions: BrowserSessions;
  readonly vault: Pick<Vault, 'linksOf' | 'remove'>;
  readonly linking: Linking;
  readonly policy: LinkPolicy;
  readonly publicUrl: () => string;
  readonly onRefused: (refusal: LinkRefusal) => void;
  /** Told of what nobody expected, without anything of the request. */
  readonly onError: (error: unknown) => void;
}

const MAX_ATTEMPTS = 10;
const ATTEMPTS_MS = 600_000;

/**
 * `/connect` and below: a person's sites, and how they are linked. Routes of other pages below `/connect` must be mounted
 * before, since every other last part is a site.
 */
export function createConnectRouter(options: ConnectOptions): Router {
  const { sessions, vault, linking, policy, publicUrl } = options;
  const desk = createLinkDesk(options);
  const mayTry = createAttemptLimit(MAX_ATTEMPTS, ATTEMPTS_MS);
  const sites = createSitePages({ vault, policy, desk });
  const oauth = createOauthPages({ linking, policy, desk, mayTry });
  const linkToken = createTokenForm({ linking, policy, desk, mayTry });

  const guarded = (answer: (req: Request, res: Response) => Promise<void> | void): RequestHandler => {
    return async (req, res) => {
      try {
        await answer(req, res);
      } catch (error) {
        options.onError(error);
        if (!res.headersSent) sendPage(res, failure(), statusOf(error));
      }
    };
  };
  const page = (show: (visit: Visit) => Promise<void> | void): RequestHandler =>
    guarded(async (req, res) => {
      const person = await sessions.require(req, res);
      if (person) await show({ req, res, person });
    });
  const form = (submit: (visit: Visit) => Promise<void>): RequestHandler =>
    guarded(async (req, res) => {
      await readForm(req, res);
      const person = await sessions.read(req);
      if (person && isOwnForm(req, person, publicUrl())) return submit({ req, res, person });
      sendPage(res, staleForm(), 403);
    });

  /** The answer to an attempt is good for one browser: signing in anew could not finish it. */
  async function callback(req: Request, res: Response): Promise<void> {
    const person = await sessions.read(req);
    if (person) return oauth.callback({ req, res, person });
    sendPage(res, signedOutMeanwhile(), 403);
  }

  const router = express.Router();
  router.get(CLIENT_DOCUMENT_PATH, (_req, res) => sendClientDocument(res, publicUrl()));
  router.get(LIST_PATH, page(sites.list));
  router.get(CALLBACK_PATH, guarded(callback));
  router.get('/connect/:site', page(sites.show));
  router.post('/connect/:site/oauth', form(oauth.start));
  router.post('/connect/:site/token', form(linkToken));
  router.post('/connect/:site/unlink', form(sites.unlink));
  return router;
}

/** An authorization server reads who we are here (draft-ietf-oauth-client-id-metadata-document). */
function sendClientDocument(res: Response, publicUrl: string): void {
  const client_id = `${publicUrl}${CLIENT_DOCUMENT_PATH}`;
  res.set({ 'cache-control': 'public, max-age=3600', 'x-content-type-options': 'nosniff' });
  res.json({ client_id, ...clientMetadata(`${publicUrl}${CALLBACK_PATH}`) });
}

function staleForm(): string {
  return renderMessage({
    title: 'Nothing was changed',
    message: 'The form is too old, or it was not sent from a page of this Switchyard.',
    whatToDo: 'Open your sites again and repeat what you wanted to do.',
    back: { url: LIST_PATH, label: 'Back to your sites' },
    tone: 'error',
  });
}

function signedOutMeanwhile(): string {
  return renderMessage({
    title: 'You are not signed in here',
    message: 'The answer from Atlassian came to a browser in which nobody is signed in, so it was not used.',
    whatToDo: 'Sign in and begin again, in one browser.',
    back: { url: LIST_PATH, label: 'Sign in' },
    tone: 'error',
  });
}

function failure(): string {
  return renderMessage({
    title: 'That did not work',
    message: 'Switchyard could not read or store your links just now.',
    whatToDo: 'Try again in a moment. If it goes on, tell your administrator.',
    back: { url: LIST_PATH, label: 'Back to your sites' },
    tone: 'error',
  });
}

/** The form reader's errors carry a status of the client's; ours mean that the store is away. */
function statusOf(error: unknown): number {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 503;
}
