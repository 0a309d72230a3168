import { didYouMean } from './did-you-mean.ts';
import type { Finding } from './issue-sentences.ts';
import type { ConfigFile } from './schema.ts';

/** What no single value shows: rules between values. Each check returns what it found. */
export function crossCheck(file: ConfigFile): Finding[] {
  return [
    ...file.sites.flatMap((site, at) => checkSite(site, at)),
    ...checkUnique(file, 'cloudId', (site) => site.cloudId.toLowerCase()),
    ...checkUnique(file, 'alias', (site) => site.alias),
    ...checkUnique(file, 'url', (site) => new URL(site.url).host),
    ...checkAliasDigits(file),
    ...Object.entries(file.views).flatMap(([name, view]) => checkView(file, name, view)),
    ...checkDiscovery(file),
    ...checkOauth(file),
  ];
}

type SiteFile = ConfigFile['sites'][number];

function checkSite(site: SiteFile, at: number): Finding[] {
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
      message: `"${entry}" is neither an e-mail glob such as *@acme.example, nor group:<name>, nor *`,
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
  file: ConfigFile,
  key: 'cloudId' | 'alias' | 'url',
  valueOf: (site: SiteFile) => string | undefined,
): Finding[] {
  const first = new Map<string, number>();
  return file.sites.flatMap((site, at) => {
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
function checkAliasDigits(file: ConfigFile): Finding[] {
  return file.sites.flatMap((site, at) => {
    const alias = site.alias?.replaceAll('-', '') ?? '';
    if (alias.length < 8) return [];
    const other = file.sites.find(
      (each) => each !== site && each.cloudId.toLowerCase().replaceAll('-', '').startsWith(alias),
    );
    if (!other) return [];
    return [
      {
        path: ['sites', at, 'alias'],
        message: `"${site.alias}" is also how the cloudId ${other.cloudId} begins; choose another alias`,
      },
    ];
  });
}

function checkView(file: ConfigFile, name: string, view: ConfigFile['views'][string]): Finding[] {
  const findings: Finding[] = [];
  const known = file.sites.flatMap((site) =>
    [site.alias, site.cloudId.toLowerCase(), new URL(site.url).host].filter((each) => each !== undefined),
  );
  for (const [at, site] of (view.sites ?? []).entries()) {
    if (known.includes(site.toLowerCase())) continue;
    findings.push({
      path: ['views', name, 'sites', at],
      message: `no site is called "${site}"${didYouMean(site, known)}; use an alias, a cloudId or a host name of "sites"`,
    });
  }
  if (view.mode !== 'namespaced') {
    findings.push({
      path: ['views', name, 'mode'],
      message: `mode "${view.mode}" is not available in this version; use namespaced`,
    });
  }
  return findings;
}

function checkDiscovery({ discovery }: ConfigFile): Finding[] {
  if (discovery.staleSeconds >= discovery.freshSeconds) return [];
  return [
    {
      path: ['discovery', 'staleSeconds'],
      message: `must not be less than freshSeconds (${discovery.freshSeconds})`,
    },
  ];
}

function checkOauth({ auth }: ConfigFile): Finding[] {
  if (!auth.oauth) return [];
  return [
    {
      path: ['auth', 'oauth'],
      message:
        'OAuth sign-in is not available in this version; remove the block (API tokens: auth.apiToken.enabled)',
    },
  ];
}
