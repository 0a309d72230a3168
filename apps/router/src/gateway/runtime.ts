import {
  createPolicies,
  createSiteDirectory,
  type Caller,
  type Credential,
  mayUse,
  type Site,
  type SiteDirectory,
  type SitePolicy,
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
import { NO_CREDENTIAL, notConnected, switchedOff } from './closed-site.ts';
import type { KillSwitches } from './kill-switches.ts';
import { createResources, type ResourceOf } from './resources.ts';
import { type SiteListRequest, sitePolicyVersion } from './site-lists.ts';
import { createUrlViews, type UrlViews } from './url-views.ts';

/** Everything that follows from one configuration. A reload makes a new one and exchanges it whole. */
export interface Runtime {
  readonly config: Config;
  readonly directory: SiteDirectory;
  readonly viewOf: UrlViews;
  readonly resourceOf: ResourceOf;
  /** Which addresses may connect, and which address a request really comes from. */
  readonly addresses: AddressGate;
  /** Which addresses people may sign in, consent and link sites from. */
  readonly browserAddresses: AddressGate;
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
  /** What this caller may do there on this URL. */
  readonly policy: SitePolicy;
  /** The same site with other credentials of the same person: each may open tools that the others do not. */
  readonly more?: readonly Opening[];
}

/** A site with every credential that opens it for one person. */
export function waysOf(opening: Opening): readonly Opening[] {
  return [opening, ...(opening.more ?? [])];
}

/** The site as one client reaches it: its own protocol first, with what it can be asked. */
export function targetFor(
  { request: { target } }: Opening,
  { era, capabilities }: ClientContext,
): UpstreamTarget {
  if (era === 'legacy' && !capabilities) return target;
  return { ...target, era, ...(capabilities && { capabilities }) };
}

/** What a runtime is built with beside the configuration. */
export interface RuntimePorts {
  /** At least 32 bytes, the same on every replica. */
  readonly credentialKey: Uint8Array;
  readonly switches: Pick<KillSwitches, 'isOff'>;
  /** Known once the listener is open. */
  readonly publicUrl: () => string;
}

export function createRuntime(config: Config, { credentialKey, switches, publicUrl }: RuntimePorts): Runtime {
  const { trustedProxies } = config;
  const directory = createSiteDirectory(config.sites);
  const outbound = createOutboundOf(directory, config, credentialKey);
  // A caller is one object as long as it is remembered, a view as long as its URL is: nothing to decide twice.
  const opened = new WeakMap<View, WeakMap<Identified, readonly Opening[]>>();
  const versions = new Map(directory.sites.map((site) => [site.cloudId, sitePolicyVersion(site)]));

  function listRequest(site: Site, credential: Credential): SiteListRequest {
    const target = { site: site.name, endpoint: site.endpoint, credential };
    const closed = (): Error | undefined =>
      switches.isOff('site', site.cloudId) ? switchedOff(site) : undefined;
    return { key: listKey(site, credential.id), site: site.name, target, closed };
  }

  /** A site that the caller may use and has not linked is shown as such, with the way to link it. */
  function unlinkedRequest(site: Site, { method }: Caller): SiteListRequest {
    const closed = notConnected(site, method === 'oauth' ? publicUrl() : undefined);
    return { ...listRequest(site, NO_CREDENTIAL), closed: () => closed };
  }

  function openingsOf(view: View, identified: Identified): Opening[] {
    const { caller } = identified;
    return sitesFor(view, caller).map((site) => {
      const opening = outbound.open(identified, site.cloudId);
      const policy = view.policyFor(caller, site);
      if (!opening.ok) return { site, policy, request: unlinkedRequest(site, caller) };
      const [first, ...others] = opening.credentials;
      const more = others.map((credential) => ({ site, policy, request: listRequest(site, credential) }));
      return { site, policy, request: listRequest(site, first), ...(more.length > 0 && { more }) };
    });
  }

  function listKey({ cloudId, endpoint }: Site, credentialId: string): ToolListKey {
    return { cloudId, scope: `${credentialId}:${versions.get(cloudId) ?? ''}`, endpoint };
  }

  return {
    config,
    directory,
    viewOf: createUrlViews(directory, config.views, createPolicies(config.rules, directory)),
    resourceOf: createResources(directory, config.views),
    addresses: createAddressGate({ allowlist: config.ipAllowlist, trustedProxies }),
    browserAddresses: createAddressGate({ allowlist: config.addresses.browser, trustedProxies }),
    admits: (caller) => directory.sites.some((site) => mayUse(caller, site)),
    openings(view, identified) {
      const known = opened.get(view)?.get(identified);
      if (known) return known;
      const openings = openingsOf(view, identified);
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
