import type { Picks, Site } from '../model.ts';
import type { Narrowing } from '../narrowing.ts';
import { createPolicyCompiler, type SitePolicy } from '../policy.ts';
import type { SiteDirectory } from '../site-directory.ts';
import { compileSelectors, type Rule, type RulePlace } from './rule.ts';

/** The way to a site with the layers of its URL. */
interface PolicyPlace extends RulePlace {
  readonly layers: readonly Narrowing[];
}

/** Every layer that holds on one caller's way to one site; the site's own is not among them. */
export interface LayersOf {
  readonly rules: readonly Narrowing[];
  readonly view: readonly Narrowing[];
  readonly picks: readonly Narrowing[];
}

/** The rules of one configuration, and what they compile to. */
export interface Policies {
  /** The same object for equal layers, whichever site they are of. */
  policyFor(place: PolicyPlace): SitePolicy;
  /** What it is compiled from, for an explanation. */
  layersFor(place: PolicyPlace): LayersOf;
}

/** At one site. */
const MAX_POLICIES = 2_000;

/** Each distinct set of layers is compiled once; the oldest are dropped when there are too many. */
export function createPolicies(rules: readonly Rule[], directory: Pick<SiteDirectory, 'find'>): Policies {
  const compiled = rules.map((rule, at) => ({ rule, at, holds: compileSelectors(rule, directory) }));
  const keptBySite = new WeakMap<Site, Map<string, SitePolicy>>();
  const compile = createPolicyCompiler();

  function layersFor(place: PolicyPlace): LayersOf & { readonly key: string } {
    const held = compiled.filter(({ holds }) => holds(place));
    const picks = place.caller.picks ? [picksLayer(place.caller.picks, place)] : [];
    const key = JSON.stringify([held.map(({ at }) => at), place.layers, picks]);
    return { rules: held.map(({ rule }) => rule), view: place.layers, picks, key };
  }

  return {
    layersFor,
    policyFor(place) {
      const { key, rules: held, view, picks } = layersFor(place);
      const kept = keptBySite.get(place.site) ?? new Map<string, SitePolicy>();
      const known = kept.get(key);
      if (known) return known;
      const policy = compile(place.site, [...held, ...view, ...picks]);
      const [oldest] = kept.keys();
      if (oldest !== undefined && kept.size >= MAX_POLICIES) kept.delete(oldest);
      keptBySite.set(place.site, kept.set(key, policy));
      return policy;
    },
  };
}

function picksLayer({ cloudIds, products, readOnly }: Picks, { site }: RulePlace): Narrowing {
  return {
    source: { kind: 'picks', where: 'what was picked when this connection was made' },
    ...(cloudIds && { block: !cloudIds.has(site.cloudId) }),
    ...(products && { products }),
    ...(readOnly && { readOnly }),
  };
}

/** For a place without a caller's rules. */
export const NO_RULES: Policies = createPolicies([], { find: () => undefined });
