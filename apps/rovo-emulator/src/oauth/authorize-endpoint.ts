// The way from an authorization request over sign-in, site and consent to a code.
import { randomUUID } from 'node:crypto';

import { BoundedMap } from '../bounded-map.ts';
import type { EmulatedAccount, EmulatedSite } from '../emulator-options.ts';
import { ERROR_TEXTS } from '../error-texts.ts';
import { redirectReply } from '../html-page.ts';
import type { HttpReply } from '../http-reply.ts';
import {
  type AuthorizeRequest,
  readAuthorizeRequest,
  readRedirect,
  type RequestCheck,
} from './authorize-request.ts';
import { accountPage, consentPage, problemPage } from './consent-pages.ts';
import type { OAuthClients } from './oauth-clients.ts';
import { OAuthError } from './oauth-error.ts';
import type { OAuthGrants } from './oauth-grants.ts';
import { redirectProblem } from './redirect-domains.ts';

/** What consent needs of the emulator. */
export interface ConsentParts {
  readonly accounts: readonly EmulatedAccount[];
  /** The emulated sites of an account. */
  readonly sitesOf: (account: EmulatedAccount) => readonly EmulatedSite[];
  readonly clients: OAuthClients;
  readonly grants: OAuthGrants;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The pages of sign-in and consent. */
export interface AuthorizeEndpoint {
  authorize(query: URLSearchParams, check: RequestCheck): Promise<HttpReply>;
  /** The form that says who signs in. */
  chooseAccount(form: URLSearchParams, check: RequestCheck): HttpReply;
  /** The form that accepts or cancels. */
  decide(form: URLSearchParams, check: RequestCheck): HttpReply;
}

/** A request on its way through the pages. */
interface Transaction {
  readonly request: AuthorizeRequest;
  readonly expiresAt: number;
  account?: EmulatedAccount;
}

/** An answer for the client's redirect URI. */
type Answer = Readonly<Record<string, string>>;

const MOST_TRANSACTIONS = 1_000;
const TRANSACTION_MS = 600_000;
const GONE = problemPage(400, 'invalid_request', 'This page is out of date: start again at the app.');

/** Builds the pages; requests on their way are bounded in number and end after ten minutes. */
export function createAuthorizeEndpoint(parts: ConsentParts): AuthorizeEndpoint {
  const transactions = new BoundedMap<Transaction>(MOST_TRANSACTIONS);
  const people = parts.accounts.filter((account) => account.email !== undefined);
  const transactionOf = (form: URLSearchParams): Transaction | undefined => {
    const transaction = transactions.get(form.get('transaction') ?? '');
    return transaction !== undefined && parts.now() < transaction.expiresAt ? transaction : undefined;
  };
  const askForConsent = (id: string, transaction: Transaction, { settings }: RequestCheck): HttpReply => {
    const { account, request } = transaction;
    if (account === undefined) return accountPage(id, request, people);
    const sites = parts.sitesOf(account);
    if (sites.length === 0) return problemPage(403, 'access_denied', ERROR_TEXTS.E13);
    return consentPage(id, request, { account, sites: settings.oauthSilentSite === null ? sites : [] });
  };
  const begin = (request: AuthorizeRequest, check: RequestCheck): HttpReply => {
    const auto = check.settings.oauthAutoApprove;
    const named = personOf(people, auto?.account ?? request.loginHint);
    if (auto !== null) {
      const account = named ?? people[0];
      if (account === undefined) return problemPage(403, 'access_denied', ERROR_TEXTS.E13);
      return approve({ request, account, cloudId: auto.cloudId }, check, parts);
    }
    const id = randomUUID();
    const transaction: Transaction = { request, expiresAt: parts.now() + TRANSACTION_MS };
    if (named !== undefined) transaction.account = named;
    transactions.set(id, transaction);
    return askForConsent(id, transaction, check);
  };
  return {
    async authorize(query, check) {
      try {
        const target = await readRedirect(query, check.server, parts.clients);
        const problem = redirectProblem(target.redirectUri, check.settings);
        if (problem !== undefined) return problemPage(403, 'access_denied', problem);
        return beginOrRedirect(query, { target, check, begin });
      } catch (error) {
        if (!(error instanceof OAuthError)) throw error;
        return problemPage(400, error.code, error.message);
      }
    },
    chooseAccount(form, check) {
      const transaction = transactionOf(form);
      const account = personOf(people, form.get('account') ?? undefined);
      if (transaction === undefined || account === undefined) return GONE;
      transaction.account = account;
      return askForConsent(form.get('transaction') ?? '', transaction, check);
    },
    decide(form, check) {
      const transaction = transactionOf(form);
      if (transaction?.account === undefined) return GONE;
      transactions.delete(form.get('transaction') ?? '');
      const { request, account } = transaction;
      if (form.get('decision') !== 'accept') {
        return sendBack(request, { error: 'access_denied', error_description: 'The user cancelled.' }, check);
      }
      return approve({ request, account, cloudId: form.get('site') ?? undefined }, check, parts);
    },
  };
}

interface Beginning {
  readonly target: { readonly client: AuthorizeRequest['client']; readonly redirectUri: string };
  readonly check: RequestCheck;
  readonly begin: (request: AuthorizeRequest, check: RequestCheck) => HttpReply;
}

function beginOrRedirect(query: URLSearchParams, { target, check, begin }: Beginning): HttpReply {
  try {
    return begin(readAuthorizeRequest(query, target, check), check);
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const state = query.get('state') ?? undefined;
    const answer = { error: error.code, error_description: error.message };
    return sendBack({ ...target, server: check.server, state }, answer, check);
  }
}

interface Approval {
  readonly request: AuthorizeRequest;
  readonly account: EmulatedAccount;
  /** What was picked; undefined takes the account's first site. */
  readonly cloudId: string | undefined;
}

function approve(
  { request, account, cloudId }: Approval,
  check: RequestCheck,
  parts: ConsentParts,
): HttpReply {
  const { oauthSilentSite, oauthDroppedScopes } = check.settings;
  const reachable = parts.sitesOf(account).map((site) => site.cloudId);
  const picked = oauthSilentSite ?? cloudId ?? reachable[0];
  if (picked === undefined || !reachable.includes(picked)) {
    return problemPage(403, 'access_denied', ERROR_TEXTS.E13);
  }
  const { server, client, redirectUri, challenge, scopes, resource, generation } = request;
  const kept = scopes?.filter((scope) => !oauthDroppedScopes.includes(scope));
  const code = parts.grants.issueCode({
    redirectUri,
    challenge,
    consent: {
      server: server.kind,
      clientId: client.id,
      accountId: account.accountId,
      cloudId: picked,
      generation,
      ...(kept === undefined ? {} : { scopes: kept }),
      ...(resource === undefined ? {} : { resource }),
    },
  });
  return sendBack(request, { code }, check);
}

function sendBack(
  { redirectUri, state, server }: Pick<AuthorizeRequest, 'redirectUri' | 'state' | 'server'>,
  answer: Answer,
  { origin, settings }: RequestCheck,
): HttpReply {
  const url = new URL(redirectUri);
  const issuer = settings.oauthCallbackIssuer === 'wrong' ? '/another-issuer' : server.issuerPath;
  const isNamed = !server.isOld && settings.oauthCallbackIssuer !== 'absent';
  const parameters = {
    ...answer,
    ...(state === undefined ? {} : { state }),
    ...(isNamed ? { iss: origin + issuer } : {}),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return redirectReply(url.href);
}

function personOf(people: readonly EmulatedAccount[], name: string | undefined): EmulatedAccount | undefined {
  return people.find(({ accountId, email }) => name === accountId || name === email);
}
