import type { Site } from '@switchyard/catalogue';
import { LinkError, type Linking, type LinkProblem } from '@switchyard/identity';

import { connectName } from '../gateway/missing-link.ts';
import { renderMessage } from '../pages/message.ts';
import type { AttemptLimit } from './attempt-limit.ts';
import { findSite, type LinkPolicy, methodsOf } from './connect-sites.ts';
import type { LinkDesk, Refused } from './link-desk.ts';
import { linkingPerson } from './linking-person.ts';
import { sendHome, sendPage, type Visit } from './page-replies.ts';

/** Linking by a consent at Atlassian: there, and back. */
export interface OauthPages {
  start(visit: Visit): Promise<void>;
  callback(visit: Visit): Promise<void>;
}

export interface OauthPagesOptions {
  readonly linking: Linking;
  readonly policy: LinkPolicy;
  readonly desk: LinkDesk;
  readonly mayTry: AttemptLimit;
}

const CALLBACK_PARAMETERS: ReadonlySet<string> = new Set([
  'code',
  'state',
  'iss',
  'error',
  'error_description',
]);

export function createOauthPages({ linking, policy, desk, mayTry }: OauthPagesOptions): OauthPages {
  async function begin({ person }: Visit, site: Site): Promise<string | Refused> {
    const { cloudId } = site;
    if (!mayTry(person.personId)) return { kind: 'oauth', cloudId, problem: 'too_many_attempts' };
    try {
      return await linking.beginOauth(linkingPerson(person), site);
    } catch (error) {
      return { kind: 'oauth', cloudId, problem: problemOf(error) };
    }
  }

  return {
    async start(visit) {
      const site = desk.siteOf(visit);
      if (!site) return;
      if (!methodsOf(policy, site).oauth) return desk.showSite(visit, site);
      const begun = await begin(visit, site);
      if (typeof begun === 'string') return sendPage(visit.res, goToAtlassian(site, begun));
      desk.showProblem(visit, desk.explain(visit.person, begun), site);
    },
    async callback(visit) {
      const { req, res, person } = visit;
      const outcome = await linking.finishOauth(linkingPerson(person), parametersOf(req.url));
      const { cloudId } = outcome;
      const site = cloudId === undefined ? undefined : findSite(policy, person, cloudId);
      if (!outcome.ok) {
        const { ok: _, ...refused } = outcome;
        return desk.showProblem(visit, desk.explain(person, { kind: 'oauth', ...refused }), site);
      }
      const done = outcome.missingScopes.length > 0 ? 'linked-partly' : 'linked';
      sendHome(res, done, site ? connectName(site) : '');
    },
  };
}

/** What servers add on their own account is none of the protocol's business. */
function parametersOf(url: string): URLSearchParams {
  const all = new URL(url, 'http://callback.invalid').searchParams;
  return new URLSearchParams([...all].filter(([name]) => CALLBACK_PARAMETERS.has(name)));
}

function problemOf(error: unknown): LinkProblem {
  if (error instanceof LinkError) return error.code;
  throw error;
}

/**
 * A link and no redirect: browsers hold the answer to a form to the page's `form-action`, through every redirect that
 * follows, and where Atlassian sends people to sign in is not ours to know.
 */
function goToAtlassian({ title, url }: Site, address: string): string {
  return renderMessage({
    title: `Choose ${title} at Atlassian`,
    message: `Atlassian asks which site to open. Choose ${new URL(url).host}: one consent opens one site, and another one is not linked.`,
    back: { url: address, label: `Continue to ${new URL(address).host}` },
  });
}
