// The sites of an emulator: found by UUID or URL, filled with data on first use.
import type { Caller } from './credentials.ts';
import type { EmulatedAccount, EmulatedSite } from './emulator-options.ts';
import { createSiteStore } from './site-data.ts';
import type { SiteStore } from './site-store.ts';

/** The sites of an emulator. */
export interface SiteDirectory {
  /** The cloudId behind a UUID or site URL; undefined when no site has it. */
  cloudIdOf(uuidOrUrl: string): string | undefined;
  /** Sites that the caller's credential covers, in the account's order. */
  reachableBy(caller: Caller): readonly EmulatedSite[];
  reaches(caller: Caller, cloudId: string): boolean;
  /** The contents of a site; undefined when no site has this cloudId. */
  store(cloudId: string): SiteStore | undefined;
}

/** Builds the directory. Sites that only an account names are made up: they lie somewhere else. */
export function createSiteDirectory(
  sites: readonly EmulatedSite[],
  accounts: readonly EmulatedAccount[],
): SiteDirectory {
  const byCloudId = new Map(sites.map((site) => [site.cloudId, site]));
  for (const cloudId of accounts.flatMap((account) => account.sites)) {
    if (!byCloudId.has(cloudId)) byCloudId.set(cloudId, siteOfSomewhereElse(cloudId));
  }
  const cloudIdByHost = new Map([...byCloudId.values()].map((site) => [hostOf(site.url), site.cloudId]));
  const stores = new Map<string, SiteStore>();
  return {
    reaches,
    cloudIdOf(uuidOrUrl) {
      const lower = uuidOrUrl.toLowerCase();
      return byCloudId.has(lower)
        ? lower
        : (cloudIdByHost.get(hostOf(lower)) ?? exactly(byCloudId, uuidOrUrl));
    },
    reachableBy: (caller) =>
      (caller.account?.sites ?? []).flatMap((cloudId) => {
        const site = byCloudId.get(cloudId);
        return site !== undefined && reaches(caller, cloudId) ? [site] : [];
      }),
    store(cloudId) {
      const known = stores.get(cloudId);
      const site = byCloudId.get(cloudId);
      if (known !== undefined || site === undefined) return known;
      const store = createSiteStore(site);
      stores.set(cloudId, store);
      return store;
    },
  };
}

function reaches({ account, credential }: Caller, cloudId: string): boolean {
  return account?.sites.includes(cloudId) === true && (credential?.boundCloudId ?? cloudId) === cloudId;
}

function siteOfSomewhereElse(cloudId: string): EmulatedSite {
  const short = cloudId.slice(0, 8).toLowerCase();
  return { cloudId, url: `https://elsewhere-${short}.atlassian.net`, name: `Elsewhere ${short}` };
}

function hostOf(url: string): string {
  return url
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/\/.*$/, '');
}

function exactly(sites: ReadonlyMap<string, unknown>, cloudId: string): string | undefined {
  return sites.has(cloudId) ? cloudId : undefined;
}
