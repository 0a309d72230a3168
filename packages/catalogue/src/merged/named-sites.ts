import type { CallArguments } from '../call-arguments.ts';
import type { Site } from '../model.ts';
import { parseCloudId, type SiteDirectory } from '../site-directory.ts';

/** A place in the arguments that says a site. */
export interface SiteMention {
  /** The key that holds it. */
  readonly argument: string;
  readonly value: unknown;
  /** Undefined for a `cloudId` that is none of this caller's sites. */
  readonly site: Site | undefined;
}

const SUSPICIOUS = /cloudid|ari:cloud|https?:|\\u/i;
const ARI = /^ari:cloud:[^:]*:(?::site\/)?([^:/]*)/i;
const ADDRESS = /^https?:\/\/\S+$/i;

/**
 * Every place where arguments say a site, at any depth: a `cloudId` in any spelling, and a value that
 * is nothing but an Atlassian resource name or an address of a site. Prose that mentions one says
 * nothing: it may come from anybody. Only `sites`, those of the caller, are ever found (I1).
 */
export function mentionedSites(
  { text, value }: CallArguments,
  { sites, directory }: { readonly sites: readonly Site[]; readonly directory: SiteDirectory },
): SiteMention[] {
  if (!SUSPICIOUS.test(text)) return [];
  const known = (spelling: string): Site | undefined => {
    const found = directory.find(spelling);
    return found && sites.includes(found) ? found : undefined;
  };
  return leavesOf(value).flatMap(({ argument, value: leaf }): SiteMention[] => {
    if (argument.toLowerCase() === 'cloudid')
      return [{ argument, value: leaf, site: typeof leaf === 'string' ? known(leaf.trim()) : undefined }];
    const site = typeof leaf === 'string' ? siteOfText(leaf.trim(), known) : undefined;
    return site ? [{ argument, value: leaf, site }] : [];
  });
}

function siteOfText(text: string, known: (spelling: string) => Site | undefined): Site | undefined {
  const cloudId = parseCloudId(ARI.exec(text)?.[1] ?? '');
  if (cloudId !== undefined) return known(cloudId);
  if (!ADDRESS.test(text) || !URL.canParse(text)) return undefined;
  const { hostname } = new URL(text);
  const site = known(hostname);
  return site?.host === hostname ? site : undefined;
}

interface Leaf {
  readonly argument: string;
  readonly value: unknown;
}

/** Every value that holds no other, with the key that holds it; the nesting was bounded when the body was read. */
function leavesOf(value: unknown, argument = ''): Leaf[] {
  if (value === null || typeof value !== 'object' || argument.toLowerCase() === 'cloudid')
    return [{ argument, value }];
  return Object.entries(value).flatMap(([key, inner]) =>
    leavesOf(inner, Array.isArray(value) ? argument : key),
  );
}
