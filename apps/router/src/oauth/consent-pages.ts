import type { Picks, ProductLevels } from '@switchyard/catalogue';
import type { AuthorizationRequest, AuthorizationServer, Person } from '@switchyard/identity';
import type { Request, Response } from 'express';

import { renderConsent } from '../pages/consent.ts';
import { renderHandOver } from '../pages/hand-over.ts';
import { renderOnward } from '../pages/onward.ts';
import { pageHeaders } from '../pages/page-headers.ts';
import { expiredPage } from './oauth-problems.ts';

type ConsentModel = Parameters<typeof renderConsent>[0];

/** What a person may hand on; the `value` of a site is its cloudId. */
interface ConsentChoices {
  readonly sites: ConsentModel['sites'];
  readonly products: ConsentModel['products'];
  /** Nothing but reading is open to this person anyway. */
  readonly readOnlyForced: boolean;
}

/** What a person may hand on to a client of this MCP URL. */
export type ChoicesFor = (person: Person, audience: string) => Promise<ConsentChoices>;

/** A page of an authorization request. */
export interface RequestVisit {
  readonly res: Response;
  readonly request: AuthorizationRequest;
  readonly csrf: string;
}

export interface ConsentPages {
  /** Before the sign-in: who asks. */
  handOver(visit: RequestVisit, path: string): void;
  /** After it: what shall be handed on. */
  ask(visit: RequestVisit, path: string): Promise<void>;
  /** Reads the answer, and sends the browser back to the client. */
  answer(visit: RequestVisit, req: Request): Promise<void>;
}

export interface ConsentPagesOptions {
  readonly interactions: AuthorizationServer['interactions'];
  readonly choicesFor: ChoicesFor;
  readonly publicUrl: () => string;
}

const PICK_A_SITE = 'Choose at least one site, or cancel.';
const PICK_A_PRODUCT = 'Choose at least one product, or cancel.';

/** The pages between a client's request and its answer. */
export function createConsentPages({
  interactions,
  choicesFor,
  publicUrl,
}: ConsentPagesOptions): ConsentPages {
  const choicesOf = (person: Person, audience: string): Promise<ConsentChoices> =>
    audience === `${publicUrl()}/admin`
      ? Promise.resolve(administration(publicUrl()))
      : choicesFor(person, audience);

  async function show(
    { res, request, csrf }: RequestVisit,
    refused: Pick<ConsentModel, 'action'> & Partial<Pick<ConsentModel, 'error' | 'picks'>>,
  ): Promise<void> {
    const { person, client, redirect, scopes, audience } = request;
    if (!person) return sendPage(res, { page: expiredPage(), status: 400 });
    const choices = await choicesOf(person, audience);
    const { name, email } = person;
    const page = renderConsent({
      ...refused,
      csrf,
      client: {
        name: client.name,
        kind: client.kind,
        redirectHost: redirect.host,
        loopback: redirect.loopback,
      },
      account: { ...(name !== undefined && { name }), ...(email !== undefined && { email }) },
      ...choices,
      readOnlyForced: choices.readOnlyForced || !canWrite(scopes),
      scopes,
    });
    sendPage(res, { page, status: refused.error === undefined ? 200 : 400, formTargets: [redirect.uri] });
  }

  return {
    handOver({ res, request, csrf }, path) {
      const { client, redirect } = request;
      const page = renderHandOver({
        clientName: client.name,
        redirectHost: redirect.host,
        loopback: redirect.loopback,
        action: `${path}/continue`,
        csrf,
      });
      sendPage(res, { page, formTargets: [] });
    },
    ask: (visit, path) => show(visit, { action: path }),
    async answer(visit, req) {
      const { res, request } = visit;
      const answer = readAnswer(req.body);
      if (!answer.allowed) return goBack(visit, await interactions.deny(request));
      if (!request.person) return sendPage(res, { page: expiredPage(), status: 400 });
      const choices = await choicesOf(request.person, request.audience);
      const picked = readPicks(answer, { choices, mayWrite: canWrite(request.scopes) });
      if (!picked.ok) return show(visit, { action: req.path, error: picked.error, picks: answer });
      goBack(visit, await interactions.grant(request, picked.picks));
    },
  };
}

function canWrite(scopes: readonly string[]): boolean {
  return scopes.some((scope) => scope === 'atl:write' || scope === 'switchyard:admin');
}

/** The admin API is not about sites: what is handed on is one thing, or nothing. */
function administration(publicUrl: string): ConsentChoices {
  const everything = {
    value: 'administration',
    name: 'administration',
    title: 'The administration of this Switchyard',
    url: publicUrl,
    shared: false,
    readOnly: false,
    linked: true,
  };
  return { sites: [everything], products: [], readOnlyForced: false };
}

interface Answer {
  readonly allowed: boolean;
  readonly sites: readonly string[];
  readonly products: readonly string[];
  readonly readOnly: boolean;
}

function readAnswer(body: unknown): Answer {
  const fields = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const texts = (name: string): string[] =>
    [fields[name] ?? []].flat().filter((value) => typeof value === 'string');
  return {
    allowed: fields['decision'] === 'allow',
    sites: texts('site'),
    products: texts('product'),
    readOnly: fields['readOnly'] === 'yes',
  };
}

/** A form can name what was never on the page: only what was offered counts. */
function offered(choices: readonly { readonly value: string }[], picked: readonly string[]): string[] {
  return choices.map(({ value }) => value).filter((value) => picked.includes(value));
}

type ReadPicks =
  | { readonly ok: true; readonly picks: Picks }
  | { readonly ok: false; readonly error: string };

/** Sites are always named one by one: one that is added later was not agreed to. All products are no limit. */
function readPicks(
  answer: Answer,
  { choices, mayWrite }: { readonly choices: ConsentChoices; readonly mayWrite: boolean },
): ReadPicks {
  const sites = offered(choices.sites, answer.sites);
  const products = offered(choices.products, answer.products);
  if (sites.length === 0) return { ok: false, error: PICK_A_SITE };
  if (products.length === 0 && choices.products.length > 0) return { ok: false, error: PICK_A_PRODUCT };
  const readOnly = answer.readOnly || choices.readOnlyForced || !mayWrite;
  const levels: ProductLevels = Object.fromEntries(
    products.map((product) => [product, readOnly ? 'read' : 'delete']),
  );
  return {
    ok: true,
    picks: {
      cloudIds: new Set(sites),
      ...(products.length < choices.products.length && { products: levels }),
      ...(readOnly && { readOnly }),
    },
  };
}

/**
 * Back to the client. A redirect must stay within this page's `form-action` at every further hop, and clients send
 * browsers on; so a page leads there, except to an app, which browsers open only as the direct result of a click.
 */
function goBack({ res, request: { redirect } }: RequestVisit, url: string | undefined): void {
  if (url === undefined) return sendPage(res, { page: expiredPage(), status: 400 });
  if (/^https?:/.test(redirect.uri)) return goOn(res, { url, host: redirect.host });
  res.set({ 'cache-control': 'no-store' }).redirect(303, url);
}

/** To another origin, after a form. */
export function goOn(res: Response, onward: { readonly url: string; readonly host?: string }): void {
  sendPage(res, { page: renderOnward(onward) });
}

/** `formTargets` as in `pageHeaders`. */
export function sendPage(
  res: Response,
  {
    page,
    status = 200,
    formTargets = [],
  }: { page: string; status?: number; formTargets?: readonly string[] },
): void {
  res.status(status).set(pageHeaders({ formTargets })).send(page);
}
