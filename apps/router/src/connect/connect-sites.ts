import type { Site } from '@switchyard/catalogue';
import type { LinkedSite } from '@switchyard/identity';

import { connectName } from '../gateway/missing-link.ts';
import type { SignedIn } from './browser-sessions.ts';

/** How a site may be linked. */
export interface LinkMethods {
  readonly oauth: boolean;
  readonly token: boolean;
}

/** The configuration, as far as linking needs it. */
export interface LinkPolicy {
  /** Every site that this person may use once it is linked, in the order of the configuration. */
  sitesOf(person: SignedIn): readonly Site[];
  methodsOf(site: Site): LinkMethods;
}

/** The site of an address below `/connect`, for this person; one that is not open to it is not there. */
export function findSite(policy: LinkPolicy, person: SignedIn, value: string): Site | undefined {
  const wanted = value.toLowerCase();
  return policy
    .sitesOf(person)
    .find((site) => [connectName(site), site.name, site.cloudId, site.host].includes(wanted));
}

/** A site as its page shows it. */
export interface SiteCard {
  readonly value: string;
  readonly title: string;
  readonly url: string;
  readonly shared: boolean;
  readonly links: readonly LinkCard[];
  readonly canOauth: boolean;
  readonly canToken: boolean;
}

interface LinkCard {
  readonly kind: LinkedSite['kind'];
  readonly status: LinkedSite['status'];
  readonly accountName?: string;
  readonly since: number;
  readonly expires?: number;
}

/** What is linked where, for one person. */
export function siteCards(
  policy: LinkPolicy,
  person: SignedIn,
  links: readonly LinkedSite[],
): readonly SiteCard[] {
  return policy.sitesOf(person).map((site) => {
    const { oauth, token } = methodsOf(policy, site);
    return {
      value: connectName(site),
      title: site.title,
      url: site.url,
      shared: site.identity === 'shared',
      links: links.filter(({ cloudId }) => cloudId === site.cloudId).map(linkCard),
      canOauth: oauth,
      canToken: token,
    };
  });
}

/** A shared site is opened by its service account: there is nothing to link. */
export function methodsOf(policy: LinkPolicy, site: Site): LinkMethods {
  return site.identity === 'shared' ? { oauth: false, token: false } : policy.methodsOf(site);
}

function linkCard({ kind, status, displayName, email, linkedAt, expiresAt }: LinkedSite): LinkCard {
  const accountName = displayName ?? email;
  return {
    kind,
    status,
    since: linkedAt,
    ...(accountName !== undefined && { accountName }),
    ...(expiresAt !== undefined && { expires: expiresAt }),
  };
}
