import { z } from 'zod';

import { didYouMean } from './did-you-mean.ts';
import type { Finding } from './issue-sentences.ts';
import { checkRule, type Nameable, type PlacedRule } from './rule-checks.ts';
import { ConfigFile } from './schema.ts';
import { isEndpoint, isLoopback } from './value-rules.ts';

/** The parts of a configuration that can be read by themselves, so that one fault does not hide the next. */
export interface ReadableParts {
  /** In the places of the file's list; undefined where a site is not readable. */
  readonly sites: readonly (SiteFile | undefined)[];
  readonly views: readonly (readonly [name: string, view: ViewFile])[];
  readonly rules: readonly (PlacedRule | undefined)[];
  readonly viewNames: readonly string[];
  readonly discovery: ConfigFile['discovery'] | undefined;
  readonly oauth: ConfigFile['auth']['oauth'];
  readonly publicUrl: string | undefined;
  readonly listenHost: string;
}

type SiteFile = ConfigFile['sites'][number];
type ViewFile = ConfigFile['views'][string];

const { sites: Sites, views: Views, rules: Rules, discovery: Discovery, auth: Auth } = ConfigFile.shape;
const Raw = z.object({
  sites: z.array(z.unknown()).catch([]),
  views: z.record(z.string(), z.unknown()).catch({}),
  rules: z.array(z.unknown()).catch([]),
  discovery: z.unknown().optional(),
  auth: z.object({ oauth: z.unknown().optional() }).optional().catch(undefined),
  publicUrl: z.string().optional().catch(undefined),
  listen: z.object({ host: z.string().optional() }).optional().catch(undefined),
});

/** Takes a configuration apart that may have faults anywhere. */
export function readableParts(value: unknown): ReadableParts {
  const raw = Raw.safeParse(value).data ?? Raw.parse({});
  return {
    sites: raw.sites.map((site) => Sites.element.safeParse(site).data),
    views: Object.entries(raw.views).flatMap(([name, view]) => {
      const parsed = Views.unwrap().valueType.safeParse(view);
      return parsed.success ? [[name, parsed.data] as const] : [];
    }),
    viewNames: Object.keys(raw.views),
    rules: raw.rules.map((value, at) => {
      const rule = Rules.unwrap().element.safeParse(value).data;
      return rule && { at, rule };
    }),
    discovery: Discovery.safeParse(raw.discovery).data,
    oauth: Auth.unwrap().shape.oauth.safeParse(raw.auth?.oauth).data,
    publicUrl: raw.publicUrl,
    listenHost: raw.listen?.host ?? '127.0.0.1',
  };
}

/** What no single value shows: rules between values. Each check returns what it found. */
export function crossCheck(parts: ReadableParts): Finding[] {
  const sites = [...parts.sites.entries()].flatMap(([at, site]) => (site ? [{ at, site }] : []));
  return [
    ...sites.flatMap(checkSite),
    ...checkUnique(sites, 'cloudId', (site) => site.cloudId.toLowerCase()),
    ...checkUnique(sites, 'alias', (site) => site.alias),
    ...checkUnique(sites, 'url', (site) => new URL(site.url).host),
    ...checkAliasDigits(sites),
    // Without every site's names, a view's site could be one that is there and only not readable.
    ...(sites.length === parts.sites.length && sites.length > 0
      ? parts.views.flatMap(([name, view]) => checkViewSites(name, view, sites))
      : []),
    ...parts.rules.flatMap((rule) => (rule ? checkRule(rule, nameable(parts, sites)) : [])),
    ...checkDiscovery(parts),
    ...checkOauth(parts),
  ];
}

function nameable({ sites: all, viewNames }: ReadableParts, sites: readonly PlacedSite[]): Nameable {
  const isWhole = sites.length === all.length && sites.length > 0;
  return { sites: isWhole ? namesOf(sites) : undefined, views: viewNames };
}

function namesOf(sites: readonly PlacedSite[]): string[] {
  return sites.flatMap(({ site }) =>
    [site.alias, site.cloudId.toLowerCase(), new URL(site.url).host].filter((each) => each !== undefined),
  );
}

interface PlacedSite {
  readonly at: number;
  readonly site: SiteFile;
}

function checkSite({ at, site }: PlacedSite): Finding[] {
  const path = ['sites', at];
  const findings: Finding[] = [];
  if (site.identity === 'shared') {
    if (!site.allow)
      findings.push({
        path,
        message: 'a shared site needs "allow": who may use it, such as ["*@acme.example"] or ["*"]',
      });
    if (!site.credential)
      findings.push({
        path,
        message: 'a shared site needs "credential": { serviceAccountKey } or { email, apiToken }',
      });
  } else if (site.credential) {
    findings.push({
      path: [...path, 'credential'],
      message:
        'only shared sites have a credential; add "identity: shared", or remove it: on a personal site everybody uses their own',
    });
  }
  if (site.credential) findings.push(...checkCredential(site.credential, [...path, 'credential']));
  for (const [index, entry] of (site.allow ?? []).entries()) {
    if (entry === '*' || /^group:.+/.test(entry) || /^[^@\s]+@[^@\s]+$/.test(entry)) continue;
    findings.push({
      path: [...path, 'allow', index],
      message: 'must be an e-mail glob such as *@acme.example, or group:<name>, or *',
    });
  }
  return findings;
}

function checkCredential(
  { serviceAccountKey, email, apiToken }: NonNullable<SiteFile['credential']>,
  path: (string | number)[],
): Finding[] {
  const isKey = serviceAccountKey !== undefined && email === undefined && apiToken === undefined;
  const isToken = serviceAccountKey === undefined && email !== undefined && apiToken !== undefined;
  return isKey || isToken
    ? []
    : [{ path, message: 'must be either { serviceAccountKey } or both { email, apiToken }' }];
}

function checkUnique(
  sites: readonly PlacedSite[],
  key: 'cloudId' | 'alias' | 'url',
  valueOf: (site: SiteFile) => string | undefined,
): Finding[] {
  const first = new Map<string, number>();
  return sites.flatMap(({ at, site }) => {
    const value = valueOf(site);
    if (value === undefined) return [];
    const earlier = first.get(value);
    first.set(value, earlier ?? at);
    return earlier === undefined
      ? []
      : [
          {
            path: ['sites', at, key],
            message: `site ${earlier + 1} of the list has the same ${key}; each site must be named once`,
          },
        ];
  });
}

/** An alias like `11111111` would also be the short cloudId of another site: a call could reach the wrong one. */
function checkAliasDigits(sites: readonly PlacedSite[]): Finding[] {
  return sites.flatMap(({ at, site }) => {
    const alias = site.alias?.replaceAll('-', '') ?? '';
    if (alias.length < 8) return [];
    const other = sites.find(
      (each) => each.at !== at && each.site.cloudId.toLowerCase().replaceAll('-', '').startsWith(alias),
    );
    if (!other) return [];
    return [
      {
        path: ['sites', at, 'alias'],
        message: `"${site.alias}" is also how the cloudId ${other.site.cloudId} begins; choose another alias`,
      },
    ];
  });
}

function checkViewSites(name: string, view: ViewFile, sites: readonly PlacedSite[]): Finding[] {
  const known = namesOf(sites);
  return [...(view.sites ?? []).entries()].flatMap(([at, site]) =>
    known.includes(site.toLowerCase())
      ? []
      : [
          {
            path: ['views', name, 'sites', at],
            message: `no site is called "${site}"${didYouMean(site, known)}; use an alias, a cloudId or a host name of "sites"`,
          },
        ],
  );
}

function checkDiscovery({ discovery }: ReadableParts): Finding[] {
  if (!discovery || discovery.staleSeconds >= discovery.freshSeconds) return [];
  return [
    {
      path: ['discovery', 'staleSeconds'],
      otherPath: ['discovery', 'freshSeconds'],
      message: `"discovery.staleSeconds" (${discovery.staleSeconds}) must not be less than "discovery.freshSeconds" (${discovery.freshSeconds})`,
    },
  ];
}

/** Pages and cookies need the address that people type; plain http only where nobody else listens. */
function checkOauth({ oauth, publicUrl, listenHost }: ReadableParts): Finding[] {
  if (!oauth) return [];
  const path = ['auth', 'oauth'];
  const findings = oauth.clients.flatMap((client, at) => checkClient(client, [...path, 'clients', at]));
  if (publicUrl === undefined && !isLoopback(listenHost))
    findings.push({
      path,
      message: 'OAuth needs "publicUrl": the https:// address that people and clients use',
    });
  if (publicUrl !== undefined && !isEndpoint(publicUrl))
    findings.push({
      path: ['publicUrl'],
      message: 'with OAuth it must be https:// (http:// only on loopback)',
    });
  return findings;
}

type OauthClient = NonNullable<ConfigFile['auth']['oauth']>['clients'][number];

function checkClient(
  { redirectUris, headless, secret, jwks }: OauthClient,
  path: (string | number)[],
): Finding[] {
  if (!headless && redirectUris.length === 0)
    return [{ path, message: 'needs "redirectUris", or "headless" for a client without a browser' }];
  if (headless && !secret && !jwks)
    return [{ path, message: 'a headless client needs "secret" or "jwks" to prove itself' }];
  return [];
}
