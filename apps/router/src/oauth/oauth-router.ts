import { type AuthorizationServer, CALLBACK_PATH, INTERACTION_PATH } from '@switchyard/identity';
import express, { type Request, type RequestHandler, type Response, type Router } from 'express';

import type { SignedIn } from '../connect/browser-sessions.ts';
import { isOwnForm } from '../connect/form-guard.ts';
import { PATHS } from '../pages/layout.ts';
import { renderSignedOut } from '../pages/message.ts';
import type { BrowserIdentity } from './browser-identity.ts';
import { createClientPages, REVOKE_PATH } from './client-pages.ts';
import { type ChoicesFor, createConsentPages, goOn, type RequestVisit, sendPage } from './consent-pages.ts';
import { expiredPage, signInProblemPage } from './oauth-problems.ts';
import { type OwnSessions, SIGN_IN_PATH } from './own-sessions.ts';

/** What the pages of OAuth stand on. */
export interface OAuthRouterOptions {
  readonly server: AuthorizationServer;
  readonly browsers: BrowserIdentity;
  readonly sessions: OwnSessions;
  readonly choicesFor: ChoicesFor;
  readonly siteTitle: (cloudId: string) => string;
  readonly publicUrl: () => string;
  /** Told of what nobody expected, without anything of the request. */
  readonly onError: (error: unknown) => void;
}

const parseForm = express.urlencoded({ extended: false, limit: '64kb', parameterLimit: 1_000 });

/** Sign-in, consent, and a person's connected apps. The protocol itself is `server.handle`. */
export function createOAuthRouter(options: OAuthRouterOptions): Router {
  const { server, browsers, sessions, publicUrl } = options;
  const consent = createConsentPages({ ...options, interactions: server.interactions });
  const clients = createClientPages(options);
  const steps = createSignInSteps(options);
  const guarded = createGuard(options.onError);

  /** The request of a page; a browser that did not begin it has nothing to see. */
  const step = (show: (visit: RequestVisit, req: Request) => Promise<void> | void): RequestHandler =>
    guarded(async (req, res) => {
      const uid = String(req.params['uid']);
      const request = await server.interactions.find(req, res, uid);
      if (!request) return sendPage(res, { page: expiredPage(), status: 400 });
      const browser = req.method === 'GET' ? browsers.ensure(req, res) : (browsers.read(req) ?? '');
      const csrf = browser === '' ? '' : browsers.token(browser, `request ${uid}`);
      if (req.method !== 'GET' && !isOwnForm(req, { csrf }, publicUrl())) {
        return sendPage(res, { page: expiredPage(), status: 403 });
      }
      await show({ res, request, csrf }, req);
    });
  const personal = (show: (req: Request, res: Response, person: SignedIn) => Promise<void>): RequestHandler =>
    guarded(async (req, res) => {
      const person = req.method === 'GET' ? await sessions.require(req, res) : await sessions.read(req);
      if (req.method === 'GET') return person && show(req, res, person);
      if (person && isOwnForm(req, person, publicUrl())) return show(req, res, person);
      sendPage(res, { page: expiredPage(), status: 403 });
    });

  const page = `${INTERACTION_PATH}/:uid`;
  const router = express.Router();
  router.get(
    page,
    step((visit, req) =>
      visit.request.person ? consent.ask(visit, req.path) : consent.handOver(visit, req.path),
    ),
  );
  router.post(`${page}/continue`, parseForm, step(steps.begin));
  router.post(page, parseForm, step(consent.answer));
  router.get(CALLBACK_PATH, guarded(steps.finish));
  router.get(SIGN_IN_PATH, guarded(steps.visit));
  router.get(PATHS.clients, personal(clients.list));
  router.post(REVOKE_PATH, parseForm, personal(clients.revoke));
  router.post(PATHS.signOut, parseForm, personal(signOut));
  return router;

  async function signOut(_req: Request, res: Response): Promise<void> {
    sessions.end(res);
    sendPage(res, { page: renderSignedOut() });
  }
}

interface SignInSteps {
  begin(visit: RequestVisit, req: Request): Promise<void>;
  finish(req: Request, res: Response): Promise<void>;
  visit(req: Request, res: Response): Promise<void>;
}

/** To the identity provider and back. */
function createSignInSteps({ server, browsers, sessions, publicUrl }: OAuthRouterOptions): SignInSteps {
  return {
    async begin({ res, request }, req) {
      const browser = browsers.ensure(req, res);
      const { href, host } = await server.signIn.begin(browser, { kind: 'authorize', uid: request.uid });
      goOn(res, { url: href, host });
    },
    async visit(req, res) {
      const browser = browsers.ensure(req, res);
      const path = localPath(req.query['to'], publicUrl());
      redirect(res, (await server.signIn.begin(browser, { kind: 'visit', path })).href);
    },
    async finish(req, res) {
      const answer = new URL(req.originalUrl, publicUrl()).searchParams;
      const browser = browsers.read(req) ?? '';
      const outcome = await server.signIn.finish(browser, answer);
      if (!outcome.ok) return sendPage(res, { page: signInProblemPage(outcome.problem), status: 400 });
      const { person, purpose } = outcome;
      sessions.begin(res, person, browser);
      if (purpose.kind === 'visit') return redirect(res, purpose.path);
      const waiting = await server.interactions.signedIn(purpose.uid, person.id);
      if (!waiting) return sendPage(res, { page: expiredPage(), status: 400 });
      redirect(res, `${INTERACTION_PATH}/${purpose.uid}`);
    },
  };
}

/** Only pages of a signed-in person are places to come back to; anything else would make this an open redirect. */
function localPath(to: unknown, publicUrl: string): string {
  const url = typeof to === 'string' && URL.canParse(to, publicUrl) ? new URL(to, publicUrl) : undefined;
  const own = url?.origin === publicUrl && /^\/connect(?:\/|$)/.test(url.pathname);
  return own ? `${url.pathname}${url.search}` : PATHS.sites;
}

function redirect(res: Response, url: string): void {
  res.set({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }).redirect(303, url);
}

/** An error while a page is made is the store's or the provider's: nothing of the request goes into a log. */
function createGuard(
  onError: (error: unknown) => void,
): (answer: (req: Request, res: Response) => Promise<void> | undefined) => RequestHandler {
  return (answer) => async (req, res) => {
    try {
      await answer(req, res);
    } catch (error) {
      onError(error);
      if (!res.headersSent) sendPage(res, { page: signInProblemPage('provider_unreachable'), status: 503 });
    }
  };
}
