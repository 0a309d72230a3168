import { isRecord } from '../call-arguments.ts';
import type { Site } from '../model.ts';
import type { SiteDirectory } from '../site-directory.ts';
import { parseCloudId } from '../site-directory.ts';

/** One hit of a search, with its site. */
export interface SearchHit {
  /** `<site>:<id at the site>`: what `fetch` takes. */
  readonly id: string;
  readonly title: string;
  readonly url: string;
  readonly text?: string;
  readonly site: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** One thing, read whole. */
export interface FetchedThing extends SearchHit {
  readonly text: string;
}

/** At most so many hits of one site, and of all. */
const MOST_OF_SITE = 25;
const MOST_HITS = 100;
const LONGEST_TEXT = 2_000;

/** The hits in a result of Rovo's search, in the shapes of both generations; undefined for what is none of them. */
export function readHits(site: Site, result: unknown): SearchHit[] | undefined {
  const rows = rowsOf(valueOf(result));
  return rows?.slice(0, MOST_OF_SITE).flatMap((row) => hitOf(site, row) ?? []);
}

/** v1: `{results: […]}`; v2 wraps it in `data`. */
function rowsOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  if (!isRecord(value)) return undefined;
  const inner = [value['results'], value['items'], value['data']].find((each) => each !== undefined);
  return inner === undefined ? undefined : rowsOf(inner);
}

function hitOf(site: Site, row: unknown): SearchHit | undefined {
  if (!isRecord(row)) return undefined;
  const url = firstText(row, ['url', 'link', 'webUrl']) ?? '';
  const id = firstText(row, ['id', 'ari']) ?? url;
  if (id === '') return undefined;
  const text = firstText(row, ['text', 'excerpt', 'snippet', 'description', 'summary']);
  return {
    id: `${site.name}:${id}`,
    title: firstText(row, ['title', 'name']) ?? id,
    url: isAddress(url) ? url : site.url,
    ...(text !== undefined && { text: text.slice(0, LONGEST_TEXT) }),
    site: site.name,
    metadata: metadataOf(site, row),
  };
}

function metadataOf(site: Site, row: Readonly<Record<string, unknown>>): Record<string, string> {
  const type = firstText(row, ['type']);
  return { site: site.name, cloudId: site.cloudId, ...(type !== undefined && { type }) };
}

function firstText(row: Readonly<Record<string, unknown>>, keys: readonly string[]): string | undefined {
  const found = keys.map((key) => row[key]).find((each) => typeof each === 'string' && each !== '');
  return typeof found === 'string' ? found : undefined;
}

function isAddress(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

/**
 * Hits of all sites, fairly: the first of each, then the second of each, in the order of the
 * configuration. The same address is named once.
 */
export function interleave(bySite: readonly (readonly SearchHit[])[]): SearchHit[] {
  const seen = new Set<string>();
  const ranks = Math.max(0, ...bySite.map((hits) => hits.length));
  const ordered = Array.from({ length: ranks }, (_, rank) =>
    bySite.flatMap((hits) => hits[rank] ?? []),
  ).flat();
  const once = ordered.filter(({ id, url }) => {
    const isThing = /^https?:\/\/[^/?#]+\/[^?#]/i.test(url);
    const key = isThing ? url.replace(/\/?(?:#.*)?$/, '') : id;
    return seen.has(key) ? false : seen.add(key);
  });
  return once.slice(0, MOST_HITS);
}

const ARI = /^ari:cloud:[^:]*:([^:]*):/i;

/**
 * Where a hit is to be read: its site, and its id there. A bare resource name or address is taken too;
 * one that says another site than the id does is none.
 */
export function parseHitId(
  id: string,
  { sites, directory }: { readonly sites: readonly Site[]; readonly directory: SiteDirectory },
): { readonly site: Site; readonly id: string } | undefined {
  const isBare = ARI.test(id) || isAddress(id);
  const named = isBare ? '' : (id.split(':')[0] ?? '');
  const rest = isBare ? id : id.slice(named.length + 1);
  const inside = siteIn(rest);
  const site = directory.find(isBare ? (inside ?? '') : named);
  if (rest === '' || !site || !sites.includes(site)) return undefined;
  return inside === undefined || directory.find(inside) === site ? { site, id: rest } : undefined;
}

/** The cloudId of a resource name, or the host of an address. */
function siteIn(id: string): string | undefined {
  return parseCloudId(ARI.exec(id)?.[1] ?? '') ?? /^https?:\/\/([^/?#]+)/i.exec(id)?.[1];
}

/** A thing as its site's tool gives it, in the form that `fetch` has. */
export function readFetched(site: Site, id: string, result: unknown): FetchedThing {
  const said = valueOf(result);
  const value = isRecord(said) && isRecord(said['data']) ? said['data'] : said;
  const row = isRecord(value) ? value : {};
  const key = firstText(row, ['key']);
  const url = firstText(row, ['url', 'webUrl']) ?? '';
  const browse = key === undefined ? site.url : `${site.url}/browse/${key}`;
  return {
    id: `${site.name}:${id}`,
    title: titleIn(row, key) ?? id,
    text: firstText(row, ['text']) ?? (typeof value === 'string' ? value : JSON.stringify(value)),
    url: isAddress(url) ? url : browse,
    site: site.name,
    metadata: { ...textsIn(row['metadata']), ...metadataOf(site, row) },
  };
}

/** Issues have a key and a summary, v1's among their fields; pages have a title. */
function titleIn(row: Readonly<Record<string, unknown>>, key: string | undefined): string | undefined {
  const fields = isRecord(row['fields']) ? row['fields'] : {};
  const title = firstText({ ...fields, ...row }, ['title', 'summary', 'name']);
  if (key === undefined || title === undefined) return title ?? key;
  return title.startsWith(key) ? title : `${key}: ${title}`;
}

function textsIn(value: unknown): Record<string, string> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** What a tool said: structured where it is, else the JSON of its first text, else that text. */
function valueOf(result: unknown): unknown {
  if (!isRecord(result)) return undefined;
  if (result['structuredContent'] !== undefined) return result['structuredContent'];
  const content = Array.isArray(result['content']) ? result['content'] : [];
  const text = content
    .filter(isRecord)
    .map((part) => part['text'])
    .find((each) => typeof each === 'string');
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Atlassian's failures often come as a success that says `{"error": true, "message": …}`. */
export function faultIn(result: unknown): string | undefined {
  const value = valueOf(result);
  if (isRecord(result) && result['isError'] === true) return typeof value === 'string' ? value : 'an error';
  if (!isRecord(value) || value['error'] !== true) return undefined;
  return firstText(value, ['message']) ?? 'an error';
}
