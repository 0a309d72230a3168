import type { Caller, Site } from './model.ts';
import type { Narrowing } from './narrowing.ts';
import { compilePolicy, type SitePolicy } from './policy.ts';
import { mayUse } from './site-access.ts';

/**
 * What one URL shows: some sites, narrowed. Compiled once per URL and kept; who asks is added by
 * `forCaller`.
 */
export interface View {
  /** The same for equal views: part of cache keys. */
  readonly id: string;
  readonly sites: readonly Site[];
  /** Set on a single-site URL: its tools have their plain names. */
  readonly single: Site | undefined;
  policy(site: Site): SitePolicy;
}

export function createView(options: {
  id: string;
  sites: readonly Site[];
  single: boolean;
  layers: readonly Narrowing[];
}): View {
  const policies = new Map(options.sites.map((site) => [site, compilePolicy(site, options.layers)]));
  return {
    id: options.id,
    sites: options.sites,
    single: options.single ? options.sites[0] : undefined,
    policy(site) {
      const policy = policies.get(site);
      if (!policy) throw new Error(`site ${site.name} is not in view ${options.id}`);
      return policy;
    },
  };
}

/** The view's sites that this caller may use, in the order of the configuration. */
export function sitesFor(view: View, caller: Caller): Site[] {
  return view.sites.filter((site) => mayUse(caller, site));
}
