import { type Access, type Credential, Secret, type Site } from '@switchyard/catalogue';

import { missingLink } from './missing-link.ts';
import type { SiteFailure } from './site-failure.ts';

/** A site that is not asked at all, and what to tell whoever wants it. */
export class SiteClosed extends Error {
  readonly failure: SiteFailure;

  constructor(failure: SiteFailure) {
    super(failure.text);
    this.name = 'SiteClosed';
    this.failure = failure;
  }
}

/** An admin has stopped it. */
export function switchedOff(site: Site): SiteClosed {
  const text = `${site.title} is switched off by an administrator of this connector. Ask them when it will be back; other sites are not affected.`;
  return new SiteClosed({ reason: 'unavailable', status: 'disabled', text });
}

/** What would be done there could not be written down. */
export function unrecorded(access: Access): SiteClosed {
  const text = `This connector cannot record calls right now, so ${access === 'read' ? 'nothing' : 'nothing that changes anything'} is done. Try again in a moment; its administrator has been told.`;
  return new SiteClosed({ reason: 'unavailable', status: 'unavailable', text });
}

/** Nobody has linked it for this caller; without a `publicUrl` the caller has no browser to do so. */
export function notConnected(site: Site, publicUrl: string | undefined): SiteClosed {
  const where = { reason: 'not_connected', status: 'not-connected' } as const;
  if (publicUrl === undefined) {
    const text = `${site.title} is not among the sites that this token opens. Ask the administrator of this connector for one that does.`;
    return new SiteClosed({ ...where, text });
  }
  const { text, url } = missingLink(site, { publicUrl });
  return new SiteClosed({ ...where, text, linkUrl: url });
}

/** Stands where a credential is missing; nothing is ever sent with it. */
export const NO_CREDENTIAL: Credential = {
  id: 'none',
  kind: 'bearer',
  authorization: new Secret(''),
  fresh: () => Promise.reject(new Error('there is no credential')),
};
