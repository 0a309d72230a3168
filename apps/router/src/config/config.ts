import { parseCloudId, Secret, type SiteEntry } from '@switchyard/catalogue';

import type { ConfigFile } from './schema.ts';

/** The configuration, checked and ready: what the process is built from. */
export interface Config {
  readonly publicUrl: string | undefined;
  readonly listen: { readonly host: string; readonly port: number };
  readonly admin: { readonly host: string; readonly port: number };
  readonly trustedProxies: readonly string[];
  readonly redisUrl: Secret | undefined;
  readonly sites: readonly SiteEntry[];
  /** What shared sites are opened with, by cloudId. */
  readonly serviceCredentials: ReadonlyMap<string, ServiceCredential>;
  readonly apiTokenEnabled: boolean;
  readonly ipAllowlist: readonly string[];
  readonly views: Readonly<Record<string, ConfigFile['views'][string]>>;
  readonly discovery: ConfigFile['discovery'];
  readonly limits: ConfigFile['limits'];
  readonly logLevel: ConfigFile['log']['level'];
}

type ServiceCredential =
  | { readonly serviceAccountKey: Secret }
  | { readonly email: string; readonly apiToken: Secret };

/** From the file's words to the process's: secrets wrapped, defaults filled in. */
export function toConfig(file: ConfigFile): Config {
  return {
    publicUrl: file.publicUrl === undefined ? undefined : new URL(file.publicUrl).origin,
    listen: file.listen,
    admin: file.admin,
    trustedProxies: file.trustedProxies,
    redisUrl: file.redis && new Secret(file.redis.url),
    sites: file.sites.map((site) => toSite(site, file.upstream.endpoint)),
    serviceCredentials: new Map(file.sites.flatMap((site) => credentialRow(site))),
    apiTokenEnabled: file.auth.apiToken.enabled,
    ipAllowlist: file.auth.ipAllowlist,
    views: file.views,
    discovery: file.discovery,
    limits: file.limits,
    logLevel: file.log.level,
  };
}

type SiteFile = ConfigFile['sites'][number];

function toSite(site: SiteFile, endpoint: string): SiteEntry {
  const cloudId = parseCloudId(site.cloudId);
  if (cloudId === undefined) throw new TypeError(`not a cloudId: ${site.cloudId}`);
  const { alias, allow, products, tools } = site;
  return {
    cloudId,
    url: new URL(site.url).origin,
    endpoint: site.endpoint ?? endpoint,
    identity: site.identity,
    ...(alias === undefined ? {} : { alias }),
    ...(allow === undefined ? {} : { allow }),
    ...(products === undefined ? {} : { products }),
    ...(tools === undefined ? {} : { tools: tools as NonNullable<SiteEntry['tools']> }),
  };
}

function credentialRow({ cloudId, credential }: SiteFile): [string, ServiceCredential][] {
  if (!credential) return [];
  const { serviceAccountKey, email, apiToken } = credential;
  if (serviceAccountKey !== undefined)
    return [[cloudId.toLowerCase(), { serviceAccountKey: new Secret(serviceAccountKey) }]];
  if (email === undefined || apiToken === undefined) return [];
  return [[cloudId.toLowerCase(), { email, apiToken: new Secret(apiToken) }]];
}
