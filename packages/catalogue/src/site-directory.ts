import type { CloudId, Site } from './model.ts';

/** What the configuration says of a site, before names are given out. */
export type SiteEntry = Omit<Site, 'name' | 'title' | 'host'>;

/** All sites of the configuration, found by any spelling. */
export interface SiteDirectory {
  readonly sites: readonly Site[];
  /** A site by alias, cloudId (any case), leading hex digits of it, host or URL; undefined when none or several fit. */
  find(spelling: string): Site | undefined;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const SHORTEST = 8;
const STEP = 4;

/** Narrows text to a cloudId; letters may be upper case. */
export function parseCloudId(text: string): CloudId | undefined {
  const lower = text.toLowerCase();
  return UUID.test(lower) ? (lower as CloudId) : undefined;
}

/** Gives every site its name, in the order of the file: a later site never changes an earlier one's (I11). */
export function createSiteDirectory(entries: readonly SiteEntry[]): SiteDirectory {
  const exact = new Map<string, Site>();
  const sites: Site[] = [];
  for (const entry of entries) {
    const digits = freeDigits(entry.cloudId, exact);
    const host = hostOf(entry.url);
    const site: Site = { ...entry, host, name: entry.alias ?? digits, title: entry.alias ?? host };
    sites.push(site);
    exact.set(digits, site);
    for (const spelling of [entry.alias, entry.cloudId, host]) if (spelling) exact.set(spelling, site);
  }
  return { sites, find: (spelling) => find(spelling, exact, sites) };
}

function freeDigits(cloudId: string, taken: ReadonlyMap<string, Site>): string {
  const digits = cloudId.replaceAll('-', '');
  for (let length = SHORTEST; length < digits.length; length += STEP) {
    const candidate = digits.slice(0, length);
    if (!taken.has(candidate)) return candidate;
  }
  return digits;
}

function find(spelling: string, exact: ReadonlyMap<string, Site>, sites: readonly Site[]): Site | undefined {
  const lower = spelling.toLowerCase();
  const found = exact.get(lower) ?? exact.get(hostOf(lower));
  if (found) return found;
  // A name from the time before an earlier site with the same digits was taken out of the file.
  const digits = lower.replaceAll('-', '');
  if (digits.length < SHORTEST || !/^[0-9a-f]+$/.test(digits)) return undefined;
  const fitting = sites.filter((site) => site.cloudId.replaceAll('-', '').startsWith(digits));
  return fitting.length === 1 ? fitting[0] : undefined;
}

/** `https://alpha.atlassian.net/wiki` -> `alpha.atlassian.net`; a text that is no URL comes back without path and port. */
function hostOf(url: string): string {
  return url
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/[/?#:].*$/, '');
}
