import { randomBytes } from 'node:crypto';

import {
  budgetOf,
  createSiteDirectory,
  type Credential,
  type Site,
  type SiteDirectory,
} from '@switchyard/catalogue';
import { serviceCredential } from '@switchyard/identity';
import { createUpstream } from '@switchyard/upstream';
import pLimit from 'p-limit';

import type { Config } from '../config/config.ts';
import { VERSION } from '../version.ts';
import { type Finding, findingOf } from './check.ts';
import { checkIdentityProvider } from './identity-provider-check.ts';
import { checkNode } from './node-check.ts';
import { probe } from './probe.ts';
import { checkPublicUrl } from './public-url-checks.ts';
import { checkEndpointGeneration, checkListedNames, checkRuleNames } from './readiness-checks.ts';
import { checkRedis } from './redis-checks.ts';
import { type CheckedSite, checkSite } from './site-checks.ts';

/** What is looked at, and with what. */
export interface DoctorOptions {
  readonly config: Config;
  /** What is allowed in the configuration and yet hardly meant. */
  readonly warnings: readonly string[];
  /** One site alone, in any spelling; absent: all. */
  readonly site?: string | undefined;
  /** Nothing is asked over the network. */
  readonly offline: boolean;
  /** Whose tools the personal sites list; absent: nobody's. */
  readonly account?: { readonly email: string; readonly apiToken: string } | undefined;
  /** As `process.version` has it. */
  readonly nodeVersion: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

const SITES_AT_ONCE = 8;

/** The sites that are meant; undefined when there is no such one. */
export function sitesToCheck({
  config,
  site,
}: Pick<DoctorOptions, 'config' | 'site'>): readonly Site[] | undefined {
  const directory: SiteDirectory = createSiteDirectory(config.sites);
  if (site === undefined) return directory.sites;
  const found = directory.find(site);
  return found && [found];
}

/** Looks at everything that can be looked at from here. Never rejects; changes nothing anywhere. */
export async function examine(sites: readonly Site[], options: DoctorOptions): Promise<Finding[]> {
  const { config, warnings, offline, nodeVersion, now } = options;
  const local = [
    checkNode(nodeVersion, now),
    ...configurationFindings(config, warnings),
    ...checkRuleNames(config),
    ...sites.map((site) => checkEndpointGeneration(site, now)),
  ];
  if (offline) return local;
  const [redis, publicUrl, provider, checked] = await Promise.all([
    checkRedis(config.redisUrl),
    checkPublicUrl(config, probe),
    config.oauth ? checkIdentityProvider(config.oauth.issuer, probe) : undefined,
    checkSites(sites, options),
  ]);
  return [
    ...local,
    ...redis,
    ...publicUrl,
    ...(provider ? [provider] : []),
    ...checked.flatMap(({ findings }) => findings),
    ...budgetFindings(checked),
  ];
}

function configurationFindings({ sites }: Config, warnings: readonly string[]): Finding[] {
  const finding = findingOf('configuration');
  return [
    finding('ok', `valid, with ${sites.length} site(s)`),
    ...warnings.map((warning) => finding('warning', warning)),
  ];
}

async function checkSites(
  sites: readonly Site[],
  { config, account }: DoctorOptions,
): Promise<CheckedSite[]> {
  const key = randomBytes(32);
  const credentialOf = ({ identity, cloudId }: Site): Credential | undefined => {
    const used = identity === 'shared' ? config.serviceCredentials.get(cloudId) : account;
    return used && serviceCredential(used, key);
  };
  const upstream = createUpstream({ clientInfo: { name: 'switchyard-doctor', version: VERSION } });
  const limit = pLimit(SITES_AT_ONCE);
  try {
    return await Promise.all(
      sites.map((site) =>
        limit(async () => {
          const { findings, tools } = await checkSite(site, () => credentialOf(site), { upstream, probe });
          return { findings: [...findings, ...(tools ? checkListedNames(site, tools) : [])], tools };
        }),
      ),
    );
  } finally {
    await upstream.close();
  }
}

/** As the sites list them, one after the other: what mode `namespaced` shows whom nothing is forbidden. */
function budgetFindings(checked: readonly CheckedSite[]): Finding[] {
  const finding = findingOf('tool-budget');
  const definitions = checked.flatMap(({ tools }) => tools?.entries.map(({ text }) => text) ?? []);
  if (definitions.length === 0) return [finding('skipped', 'no list to count')];
  const { tools, tokens, clients } = budgetOf(definitions);
  const says = `${tools} tools, about ${tokens} tokens`;
  const cut = clients.filter(({ dropped }) => dropped > 0);
  if (cut.length === 0) return [finding('ok', says)];
  const names = cut.map(({ client, limit }) => `${client} (${limit})`).join(', ');
  const fix = 'Use mode merged or lean, or narrow what a connector shows: products, tools, views.';
  return [finding('warning', `${says}; more than these take: ${names}`, fix)];
}
