import type { Site } from '@switchyard/catalogue';
import type { LinkProblem } from '@switchyard/identity';

import { connectName } from '../gateway/missing-link.ts';
import { renderLinkSite } from '../pages/link-site.ts';
import { renderMessage } from '../pages/message.ts';
import type { SignedIn } from './browser-sessions.ts';
import { findSite, type LinkPolicy, methodsOf } from './connect-sites.ts';
import { problemText, type ProblemFacts, type ProblemText } from './link-problems.ts';
import { LIST_PATH, sendPage, type Visit } from './page-replies.ts';

/** What was not linked, and why, for the log and the audit trail. */
export interface LinkRefusal {
  readonly personId: string;
  readonly cloudId?: string;
  readonly kind: 'oauth' | 'token';
  readonly problem: LinkProblem | 'too_many_attempts';
}

/** A refusal as the pages have it: `cloudIds` is what the credential opens instead. */
export interface Refused extends Omit<LinkRefusal, 'personId'> {
  readonly cloudIds?: readonly string[] | undefined;
}

/** Finds sites for people, and tells them what went wrong. */
export interface LinkDesk {
  /** The site of the address; undefined when it is none of this person's, and the answer is given. */
  siteOf(visit: Visit): Site | undefined;
  /** The ways to link a site. */
  showSite(visit: Visit, site: Site, problem?: ProblemText & { readonly email: string }): void;
  /** Reports a refusal, and finds the words for it. */
  explain(person: SignedIn, refused: Refused): ProblemText;
  /** A page about a failure: a site's own page is the way back, without one it is the list. */
  showProblem(visit: Visit, text: ProblemText, site: Site | undefined): void;
}

export interface LinkDeskOptions {
  readonly policy: LinkPolicy;
  readonly publicUrl: () => string;
  readonly onRefused: (refusal: LinkRefusal) => void;
}

const NEEDS_BOTH =
  'Jira Service Management opens with an API token only, Compass with the Atlassian sign-in only. With both, your apps see the tools of both.';

export function createLinkDesk({ policy, publicUrl, onRefused }: LinkDeskOptions): LinkDesk {
  function factsOf(person: SignedIn, { cloudId, cloudIds = [] }: Refused): ProblemFacts {
    const site = cloudId === undefined ? undefined : findSite(policy, person, cloudId);
    const { email } = person;
    return {
      site: site ?? { title: 'the site', url: publicUrl() },
      publicUrl: publicUrl(),
      // Only sites that the person may see anyway are called by name.
      otherSites: cloudIds.flatMap((id) => findSite(policy, person, id)?.title ?? []),
      ...(email !== undefined && { email }),
    };
  }

  return {
    siteOf({ req, res, person }) {
      const site = findSite(policy, person, String(req.params['site']));
      if (!site) sendPage(res, noSuchSite(), 404);
      return site;
    },
    showSite({ res, person }, site, problem) {
      const { oauth, token } = methodsOf(policy, site);
      const value = connectName(site);
      const emailHint = problem?.email ?? person.email;
      const page = renderLinkSite({
        site: { value, title: site.title, url: site.url },
        csrf: person.csrf,
        ...(oauth && { oauthAction: `${LIST_PATH}/${value}/oauth` }),
        ...(token && { tokenAction: `${LIST_PATH}/${value}/token` }),
        ...(oauth && token && { needsBoth: NEEDS_BOTH }),
        ...(emailHint !== undefined && { emailHint }),
        ...(problem && { error: `${problem.message} ${problem.whatToDo}` }),
        ...(problem?.field && { errorField: problem.field }),
      });
      sendPage(res, page, problem?.status);
    },
    explain(person, refused) {
      const { cloudIds: _, ...refusal } = refused;
      onRefused({ personId: person.personId, ...refusal });
      return problemText(refused.problem, factsOf(person, refused));
    },
    showProblem({ res }, { title, message, whatToDo, status }, site) {
      const back = site
        ? { url: `${LIST_PATH}/${connectName(site)}`, label: `Back to ${site.title}` }
        : { url: LIST_PATH, label: 'Back to your sites' };
      sendPage(res, renderMessage({ title, message, whatToDo, back, tone: 'error' }), status);
    },
  };
}

/** The same for a site that does not exist and for one that is not open to the person. */
function noSuchSite(): string {
  return renderMessage({
    title: 'No such site',
    message: 'There is no site of this name that is open to you.',
    whatToDo: 'Choose one of your sites. If one is missing, ask your administrator for access.',
    back: { url: LIST_PATH, label: 'Back to your sites' },
    tone: 'error',
  });
}
