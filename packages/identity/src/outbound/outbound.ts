import type { Credential, Site } from '@switchyard/catalogue';

import { IdentityError } from '../errors.ts';
import type { Identified } from '../inbound/auth-outcome.ts';

/** A configured site; `credential` on shared sites, and only there. */
export interface OutboundSite {
  readonly site: Pick<Site, 'cloudId' | 'identity' | 'title'>;
  readonly credential?: Credential;
}

/** Every configured site once. */
export interface OutboundOptions {
  readonly sites: readonly OutboundSite[];
}

/**
 * What opens one site, and whose it is; or why nothing does. Several credentials: all of the same person for this very
 * site, where each opens tools that the other does not (Atlassian: JSM wants a token, Compass wants OAuth).
 */
export type SiteOpening =
  | { readonly ok: true; readonly owner: 'caller' | 'site'; readonly credentials: Credentials }
  | { readonly ok: false; readonly reason: 'unknown_site' | 'not_connected' };

type Credentials = readonly [Credential, ...Credential[]];

type Who = Pick<Identified, 'caller' | 'credential' | 'links'>;

/** Which credential opens which site. */
export interface Outbound {
  /**
   * A table look-up without fallback: a credential of one site or caller is never tried on another (I1). Says nothing
   * about who may use a shared site: that is policy, asked before.
   */
  open(who: Who, cloudId: string): SiteOpening;
}

/**
 * Builds the table. Throws `IdentityError` `invalid_option` for a site that occurs twice, a shared site without a
 * credential and a personal site with one.
 */
export function createOutbound(options: OutboundOptions): Outbound {
  const openings = new Map<string, SiteOpening | 'personal'>();
  for (const entry of options.sites) {
    const { cloudId, title } = entry.site;
    if (openings.has(cloudId))
      throw new IdentityError('invalid_option', `Site ${title} is configured twice.`);
    openings.set(cloudId, openingOf(entry));
  }
  return {
    open(who, cloudId) {
      const opening = openings.get(cloudId) ?? UNKNOWN_SITE;
      return opening === 'personal' ? openPersonal(who, cloudId) : opening;
    },
  };
}

const UNKNOWN_SITE: SiteOpening = { ok: false, reason: 'unknown_site' };
const NOT_CONNECTED: SiteOpening = { ok: false, reason: 'not_connected' };

function openPersonal({ caller, credential, links }: Who, cloudId: string): SiteOpening {
  if (credential && caller.cloudIds.has(cloudId))
    return { ok: true, owner: 'caller', credentials: [credential] };
  const [first, ...others] = links.get(cloudId) ?? [];
  if (!first) return NOT_CONNECTED;
  return {
    ok: true,
    owner: 'caller',
    credentials: [first.credential, ...others.map((link) => link.credential)],
  };
}

function openingOf({ site, credential }: OutboundSite): SiteOpening | 'personal' {
  if (site.identity === 'personal') {
    if (credential === undefined) return 'personal';
    throw new IdentityError('invalid_option', `Site ${site.title} is personal and takes no credential.`);
  }
  if (credential !== undefined) return { ok: true, owner: 'site', credentials: [credential] };
  throw new IdentityError('invalid_option', `Site ${site.title} is shared and needs a credential.`);
}
