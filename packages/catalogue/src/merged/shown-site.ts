import type { Site } from '../model.ts';
import type { SitePolicy } from '../policy.ts';
import type { ToolEntry, ToolIndex } from '../tool-index.ts';

/** A site with its list and the policy of whoever asks. */
export interface ShownSite {
  readonly site: Site;
  readonly policy: SitePolicy;
  readonly index: ToolIndex;
}

/** The tools of a site that its policy shows, in the site's own order. */
export function shownEntries({ policy, index }: Omit<ShownSite, 'site'>): ToolEntry[] {
  return index.entries.filter(({ name }) => policy.shows(name));
}
