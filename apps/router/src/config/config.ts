import { parseCloudId, type Rule, Secret, type SiteEntry } from '@switchyard/catalogue';

import type { ConfigFile } from './schema.ts';

/** The configuration, checked and ready: what the process is built from. */
export interface Config {
  readonly publicUrl: string | undefined;
  readonly listen: { readonly host: string; readonly port: number };
  readonly admin: { readonly host: string; readonly port: number; readonly groups: readonly string[] };
  readonly trustedProxies: readonly string[];
  readonly redisUrl: Secret | undefined;
  readonly sites: readonly SiteEntry[];
  /** What shared sites are opened with, by cloudId. */
  readonly serviceCredentials: ReadonlyMap<string, ServiceCredential>;
  readonly apiTokenEnabled: boolean;
  readonly ipAllowlist: readonly string[];
  readonly addresses: ConfigFile['auth']['addresses'];
  readonly oauth: OAuthConfig | undefined;
  readonly rules: readonly Rule[];
  readonly links: ConfigFile['links'];
  readonly audit: AuditConfig | undefined;
  readonly views: Readonly<Record<string, ConfigFile['views'][string]>>;
  readonly discovery: ConfigFile['discovery'];
  readonly limits: ConfigFile['limits'];
  readonly logLevel: ConfigFile['log']['level'];
}

type OAuthFile = NonNullable<ConfigFile['auth']['oauth']>;

/** OAuth as it is configured; secrets are wrapped. */
export interface OAuthConfig extends Omit<OAuthFile, 'clientSecret' | 'keys' | 'clients'> {
  readonly clientSecret: Secret;
  /** Never empty: made from `clientSecret` where none is given. */
  readonly keys: readonly { readonly id: string; readonly secret: Secret }[];
  readonly clients: readonly OAuthClientConfig[];
}

export interface OAuthClientConfig extends Omit<OAuthFile['clients'][number], 'secret'> {
  readonly secret: Secret | undefined;
}

export interface AuditConfig extends Omit<NonNullable<ConfigFile['audit']>, 'key'> {
  readonly key: Secret;
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
    addresses: file.auth.addresses,
    oauth: file.auth.oauth && toOAuth(file.auth.oauth),
    rules: file.rules.map(toRule),
    links: file.links,
    audit: file.audit && { ...file.audit, key: new Secret(file.audit.key) },
    views: file.views,
    discovery: file.discovery,
    limits: file.limits,
    logLevel: file.log.level,
  };
}

function toOAuth(file: OAuthFile): OAuthConfig {
  const clientSecret = new Secret(file.clientSecret);
  const keys = file.keys?.map(({ id, secret }) => ({ id, secret: new Secret(secret) }));
  return {
    ...file,
    clientSecret,
    keys: keys ?? [{ id: 'client-secret', secret: clientSecret }],
    clients: file.clients.map(({ secret, ...client }) => ({
      ...client,
      secret: secret === undefined ? undefined : new Secret(secret),
    })),
  };
}

type SiteFile = ConfigFile['sites'][number];

function toSite(site: SiteFile, endpoint: string): SiteEntry {
  const cloudId = parseCloudId(site.cloudId);
  if (cloudId === undefined) throw new TypeError(`not a cloudId: ${site.cloudId}`);
  const { alias, allow, apiToken, products, tools, projects, spaces, confirm, onChange } = site;
  return {
    cloudId,
    url: new URL(site.url).origin,
    endpoint: site.endpoint ?? endpoint,
    identity: site.identity,
    ...(alias === undefined ? {} : { alias }),
    ...(apiToken ? {} : { apiToken }),
    ...(allow === undefined ? {} : { allow }),
    ...(present({ products, tools, projects, spaces, confirm, onChange }) as Partial<SiteEntry>),
  };
}

/** A rule is known by its name, else by its place. */
function toRule({ name, ...rule }: ConfigFile['rules'][number], at: number): Rule {
  const where = name === undefined ? `rules[${at}]` : `rules[${at}] "${name}"`;
  return { ...(present(rule) as Rule), source: { kind: 'rule', where } };
}

/** The schema's types say `undefined` where the rules say absent. */
function present(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function credentialRow({ cloudId, credential }: SiteFile): [string, ServiceCredential][] {
  if (!credential) return [];
  const { serviceAccountKey, email, apiToken } = credential;
  if (serviceAccountKey !== undefined)
    return [[cloudId.toLowerCase(), { serviceAccountKey: new Secret(serviceAccountKey) }]];
  if (email === undefined || apiToken === undefined) return [];
  return [[cloudId.toLowerCase(), { email, apiToken: new Secret(apiToken) }]];
}
