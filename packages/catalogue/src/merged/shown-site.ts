import type { Site } from '../model.ts';
import type { SitePolicy } from '../policy.ts';
import type { ToolEntry, ToolIndex } from '../tool-index.ts';

/** A site with its list and the policy of whoever asks. */
export interface ShownSite {
  readonly site: Site;
  readonly policy: SitePolicy;
  readonly index: ToolIndex;
}

/** Sites with the same rules and the same tools show the same: it is found once. */
const known = new WeakMap<SitePolicy, WeakMap<ToolIndex, readonly ToolEntry[]>>();

/** The tools of a site that its policy shows, in the site's own order. The same object for the same policy and list. */
export function shownEntries({ policy, index }: Omit<ShownSite, 'site'>): readonly ToolEntry[] {
  const ofPolicy = known.get(policy) ?? new WeakMap<ToolIndex, readonly ToolEntry[]>();
  known.set(policy, ofPolicy);
  const before = ofPolicy.get(index);
  if (before) return before;
  const shown = index.entries.filter(({ name }) => policy.shows(name));
  ofPolicy.set(index, shown);
  return shown;
}
