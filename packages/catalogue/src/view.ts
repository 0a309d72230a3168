import type { Mode } from './mode.ts';
import type { Caller, Site } from './model.ts';
import type { Narrowing } from './narrowing.ts';
import type { SitePolicy } from './policy.ts';
import { type LayersOf, NO_RULES, type Policies } from './rules/policies.ts';
import { mayUse } from './site-access.ts';

/**
 * What one URL shows: some sites, narrowed. Compiled once per URL and kept; who asks is added by
 * `policyFor`.
 */
export interface View {
  /** The same for equal views: part of cache keys. */
  readonly id: string;
  /** Of a view of the configuration. */
  readonly name: string | undefined;
  readonly sites: readonly Site[];
  readonly mode: Mode;
  /** Set on a single-site URL: its tools have their plain names. */
  readonly single: Site | undefined;
  /** All that holds for this caller at this site on this URL. The same object as long as the caller is: a look-up. */
  policyFor(caller: Caller, site: Site): SitePolicy;
  /** What that is made of, for an explanation. */
  layersFor(caller: Caller, site: Site): LayersOf;
}

export function createView(options: {
  id: string;
  sites: readonly Site[];
  single: boolean;
  layers: readonly Narrowing[];
  mode?: Mode;
  name?: string | undefined;
  policies?: Policies;
}): View {
  const { id, name, sites, layers, mode = 'namespaced', policies = NO_RULES } = options;
  const remembered = new WeakMap<Caller, Map<Site, SitePolicy>>();
  return {
    id,
    name,
    sites,
    mode,
    single: options.single ? sites[0] : undefined,
    policyFor(caller, site) {
      const known = remembered.get(caller)?.get(site);
      if (known) return known;
      if (!sites.includes(site)) throw new Error(`site ${site.name} is not in view ${id}`);
      const policy = policies.policyFor({ caller, site, viewName: name, layers });
      const own = remembered.get(caller) ?? new Map<Site, SitePolicy>();
      remembered.set(caller, own.set(site, policy));
      return policy;
    },
    layersFor: (caller, site) => policies.layersFor({ caller, site, viewName: name, layers }),
  };
}

/** The view's sites that this caller may use, in the order of the configuration. */
export function sitesFor(view: View, caller: Caller): Site[] {
  return view.sites.filter((site) => mayUse(caller, site) && !view.policyFor(caller, site).blocked);
}
