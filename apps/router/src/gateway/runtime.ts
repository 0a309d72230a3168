import {
  createSiteDirectory,
  type Caller,
  type Credential,
  mayUse,
  type Site,
  type SiteDirectory,
  type View,
  sitesFor,
} from '@switchyard/catalogue';
import {
  type AddressGate,
  createAddressGate,
  createOutbound,
  type Identified,
  type Outbound,
  serviceCredential,
} from '@switchyard/identity';
import type { ToolListKey } from '@switchyard/tool-cache';
import type { UpstreamTarget } from '@switchyard/upstream';

import type { Config } from '../config/config.ts';
import type { ClientContext } from './client-context.ts';
import { type SiteListRequest, sitePolicyVersion } from './site-lists.ts';
import { createUrlViews, type UrlViews } from './url-views.ts';

/** Everything that follows from one configuration. A reload makes a new one and exchanges it whole. */
export interface Runtime {
  readonly config: Config;
  readonly directory: SiteDirectory;
  readonly viewOf: UrlViews;
  /** Which addresses may connect, and which address a request really comes from. */
  readonly addresses: AddressGate;
  /** Somebody here: reaches a configured site or is named by an `allow`. */
  admits(caller: Caller): boolean;
  /** The view's sites that are open to this caller, with what opens them. */
  openings(view: View, identified: Identified): readonly Opening[];
  /** Under which key a site's list is kept for a credential. */
  listKey(site: Site, credentialId: string): ToolListKey;
}

/** A site and the credential that opens it for one caller. */
export interface Opening {
  readonly site: Site;
  readonly request: SiteListRequest;
}

/** The site as one client reaches it: its own protocol first, with what it can be asked. */
export function targetFor(
  { request: { target } }: Opening,
  { era, capabilities }: ClientContext,
): UpstreamTarget {
  if (era === 'legacy' && !capabilities) return target;
  return { ...target, era, ...(capabilities && { capabilities }) };
}

export function createRuntime(config: Config, credentialKey: Uint8Array): Runtime {
  const directory = createSiteDirectory(config.sites);
  const outbound = createOutboundOf(directory, config, credentialKey);
  // A caller is one object as long as it is remembered, a view as long as its URL is: nothing to decide twice.
  const opened = new WeakMap<View, WeakMap<Identified, readonly Opening[]>>();
  const versions = new Map(directory.sites.map((site) => [site.cloudId, sitePolicyVersion(site)]));

  function listRequest(site: Site, credential: Credential): SiteListRequest {
    const target = { site: site.name, endpoint: site.endpoint, credential };
    return { key: listKey(site, credential.id), site: site.name, target };
  }

  function listKey({ cloudId, endpoint }: Site, credentialId: string): ToolListKey {
    return { cloudId, scope: `${credentialId}:${versions.get(cloudId) ?? ''}`, endpoint };
  }

  return {
    config,
    directory,
    viewOf: createUrlViews(directory, config.views),
    addresses: createAddressGate({ allowlist: config.ipAllowlist, trustedProxies: config.trustedProxies }),
    admits: (caller) => directory.sites.some((site) => mayUse(caller, site)),
    openings(view, identified) {
      const known = opened.get(view)?.get(identified);
      if (known) return known;
      const openings = sitesFor(view, identified.caller).flatMap((site) => {
        const opening = outbound.open(identified, site.cloudId);
        return opening.ok ? [{ site, request: listRequest(site, opening.credential) }] : [];
      });
      const byCaller = opened.get(view) ?? new WeakMap();
      opened.set(view, byCaller.set(identified, openings));
      return openings;
    },
    listKey,
  };
}

function createOutboundOf({ sites }: SiteDirectory, config: Config, credentialKey: Uint8Array): Outbound {
  return createOutbound({
    sites: sites.map((site) => {
      const account = config.serviceCredentials.get(site.cloudId);
      return account && site.identity === 'shared'
        ? { site, credential: serviceCredential(account, credentialKey) }
        : { site };
    }),
  });
}
