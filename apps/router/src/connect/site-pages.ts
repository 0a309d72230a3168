import type { Vault } from '@switchyard/identity';
import type { Request } from 'express';

import { connectName } from '../gateway/missing-link.ts';
import { renderConnect } from '../pages/connect.ts';
import { type LinkPolicy, type SiteCard, siteCards } from './connect-sites.ts';
import { field } from './form-guard.ts';
import type { LinkDesk } from './link-desk.ts';
import { type Done, sendHome, sendPage, type Visit } from './page-replies.ts';

/** What is linked, how a site can be linked, and unlinking. */
export interface SitePages {
  list(visit: Visit): Promise<void>;
  show(visit: Visit): void;
  unlink(visit: Visit): Promise<void>;
}

export interface SitePagesOptions {
  readonly vault: Pick<Vault, 'linksOf' | 'remove'>;
  readonly policy: LinkPolicy;
  readonly desk: LinkDesk;
}

export function createSitePages({ vault, policy, desk }: SitePagesOptions): SitePages {
  async function list({ req, res, person }: Visit): Promise<void> {
    const sites = siteCards(policy, person, await vault.linksOf(person.personId));
    const { name, email, csrf } = person;
    const account = { ...(name !== undefined && { name }), ...(email !== undefined && { email }) };
    sendPage(res, renderConnect({ account, sites, csrf, ...noticeOf(req, sites) }));
  }

  async function unlink(visit: Visit): Promise<void> {
    const { req, res, person } = visit;
    const site = desk.siteOf(visit);
    const kind = field(req, 'kind');
    if (!site) return;
    if (kind === 'oauth' || kind === 'token') await vault.remove(person.personId, site.cloudId, kind);
    sendHome(res, 'unlinked', connectName(site));
  }

  return {
    list,
    show(visit) {
      const site = desk.siteOf(visit);
      if (site) desk.showSite(visit, site);
    },
    unlink,
  };
}

const NOTICES: Readonly<Record<Done, (title: string) => string>> = {
  linked: (title) => `${title} is linked.`,
  'linked-partly': (title) =>
    `${title} is linked, but Atlassian granted less than was asked for: some tools will be missing. Link it again and accept everything, or ask an organization admin which permissions are turned off.`,
  unlinked: (title) => `${title} is unlinked.`,
};

/** The words are ours, and the title is of a site that the person sees: an address can say nothing else here. */
function noticeOf({ query }: Request, sites: readonly SiteCard[]): { notice?: string } {
  const { done, site: value } = query;
  const site = sites.find((each) => each.value === value);
  if (!site || typeof done !== 'string' || !Object.hasOwn(NOTICES, done)) return {};
  return { notice: NOTICES[done as Done](site.title) };
}
