import {
  createView,
  type LayerSource,
  type Mode,
  MODES,
  type Narrowing,
  parseCapabilities,
  parseProducts,
  type Policies,
  type Site,
  type SiteDirectory,
  type View,
} from '@switchyard/catalogue';
import { LRUCache } from 'lru-cache';

import type { Config } from '../config/config.ts';

/** The view that a URL shows, or why it shows none: 404 for a place that is not there, 400 for a query that cannot be meant. */
type UrlView =
  | {
      readonly ok: true;
      readonly view: View;
      /** The sites' names when the URL itself names them: none of them open then means not found. */
      readonly named: string | undefined;
    }
  | { readonly ok: false; readonly status: 400 | 404; readonly message: string };

/** Finds the view of an MCP URL. Views are compiled once per URL; `maxViews` bounds how many are kept. */
export type UrlViews = (url: string) => UrlView;

const MAX_VIEWS = 1_000;
const ALL_SITES = /^\/(?:v[12]\/)?mcp\/?$/;
const ONE_SITE = /^\/mcp\/sites\/([^/]+)\/?$/;
const ONE_VIEW = /^\/mcp\/views\/([^/]+)\/?$/;

/** Whether a path belongs to MCP at all; some clients look for metadata below the URL that they were given. */
export function isMcpPath(path: string): boolean {
  return path === '/mcp' || (/^\/(?:v[12]\/)?mcp(?:\/|$)/.test(path) && !path.includes('/.well-known/'));
}

export function createUrlViews(
  directory: SiteDirectory,
  views: Config['views'],
  policies: Policies,
): UrlViews {
  const kept = new LRUCache<string, UrlView>({ max: MAX_VIEWS });
  return (url) => {
    const known = kept.get(url);
    if (known) return known;
    const view = resolve(url, { directory, views, policies });
    kept.set(url, view);
    return view;
  };
}

interface Known {
  readonly directory: SiteDirectory;
  readonly views: Config['views'];
  readonly policies: Policies;
}

/** What a URL asks for, while it is being read. */
interface Asked {
  sites: readonly Site[];
  named: string | undefined;
  single: boolean;
  mode: Mode;
  readonly viewName?: string;
  readonly layers: Narrowing[];
}

function resolve(url: string, known: Known): UrlView {
  const parsed = URL.canParse(url, 'http://any') ? new URL(url, 'http://any') : undefined;
  if (!parsed) return { ok: false, status: 404, message: 'Not found' };
  const asked = readPath(parsed.pathname, known);
  if ('ok' in asked) return asked;
  const fault = readQuery(parsed.searchParams, known.directory, asked);
  if (fault) return fault;
  const single = asked.single && asked.sites.length === 1;
  const { mode, viewName, layers } = asked;
  const id = JSON.stringify([asked.sites.map((site) => site.name), single, mode, viewName, layers]);
  return {
    ok: true,
    named: asked.named,
    view: createView({
      id,
      sites: asked.sites,
      single,
      mode,
      layers,
      name: viewName,
      policies: known.policies,
    }),
  };
}

function readPath(path: string, { directory, views }: Known): Asked | Extract<UrlView, { ok: false }> {
  if (ALL_SITES.test(path))
    return { sites: directory.sites, named: undefined, single: false, mode: 'namespaced', layers: [] };
  const siteName = ONE_SITE.exec(path)?.[1];
  if (siteName !== undefined) return oneSite(decode(siteName), directory);
  const viewName = decode(ONE_VIEW.exec(path)?.[1] ?? '');
  const view = Object.hasOwn(views, viewName) ? views[viewName] : undefined;
  if (!view)
    return { ok: false, status: 404, message: viewName === '' ? 'Not found' : `Unknown view: ${viewName}` };
  const source = { kind: 'view', where: `views.${viewName}` } as const;
  return {
    sites: sitesOf(view, directory),
    named: undefined,
    single: false,
    mode: view.mode,
    viewName,
    layers: [{ ...layerOf(view), source }],
  };
}

type ViewEntry = Config['views'][string];

function sitesOf({ sites: names }: ViewEntry, directory: SiteDirectory): readonly Site[] {
  if (!names) return directory.sites;
  return directory.sites.filter((site) => names.some((name) => directory.find(name) === site));
}

/** The schema's types say `undefined` where the rules say absent. */
function layerOf({ products, tools, readOnly }: ViewEntry): Narrowing {
  const layer = { products, tools, readOnly };
  return Object.fromEntries(Object.entries(layer).filter(([, value]) => value !== undefined)) as Narrowing;
}

function oneSite(name: string, directory: SiteDirectory): Asked | Extract<UrlView, { ok: false }> {
  const site = directory.find(name);
  if (!site) return { ok: false, status: 404, message: unknownSite(name) };
  return { sites: [site], named: name, single: true, mode: 'namespaced', layers: [] };
}

/** A site that is not there and one that this caller may not use are told in the same words. */
export function unknownSite(name: string): string {
  return `Unknown site: ${name}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function fromUrl(parameter: string): LayerSource {
  return { kind: 'url', where: `?${parameter}=` };
}

type Fault = Extract<UrlView, { ok: false }>;

/** Each parameter only narrows; one that is not known is ignored (clients add their own to get past caches). */
const PARAMETERS: Readonly<
  Record<string, (value: string, asked: Asked, directory: SiteDirectory) => Fault | undefined>
> = {
  site: narrowSites,
  products(value, asked) {
    const { products, unknown } = parseProducts(value);
    if (unknown.length > 0) return bad(`products: unknown product ${unknown.join(', ')}`);
    if (Object.keys(products).length === 0) return bad('products: names no product');
    asked.layers.push({ products, source: fromUrl('products') });
    return undefined;
  },
  capabilities(value, asked) {
    const { capabilities, unknown } = parseCapabilities(value);
    if (unknown.length > 0)
      return bad(`capabilities: unknown capability ${unknown.join(', ')}; write them like READ_JIRA`);
    if (capabilities.length === 0) return bad('capabilities: names no capability');
    asked.layers.push({ capabilities, source: fromUrl('capabilities') });
    return undefined;
  },
  readonly(value, asked) {
    if (!/^(true|false|1|0|)$/i.test(value)) return bad('readonly: must be true or false');
    if (!/^(false|0)$/i.test(value)) asked.layers.push({ readOnly: true, source: fromUrl('readonly') });
    return undefined;
  },
  mode(value, asked) {
    const mode = MODES.find((each) => each === value);
    if (!mode) return bad('mode: must be namespaced, merged or lean');
    asked.mode = mode;
    return undefined;
  },
};

function readQuery(query: URLSearchParams, directory: SiteDirectory, asked: Asked): Fault | undefined {
  for (const [key, value] of query) {
    const fault = Object.hasOwn(PARAMETERS, key) ? PARAMETERS[key]?.(value, asked, directory) : undefined;
    if (fault) return fault;
  }
  return undefined;
}

function narrowSites(value: string, asked: Asked, directory: SiteDirectory): Fault | undefined {
  const names = value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0) return bad('site: names no site');
  const missing = names.find((name) => directory.find(name) === undefined);
  if (missing !== undefined) return { ok: false, status: 404, message: unknownSite(missing) };
  const wanted = new Set(names.map((name) => directory.find(name)));
  asked.sites = asked.sites.filter((site) => wanted.has(site));
  asked.named = value;
  asked.single ||= wanted.size === 1;
  return undefined;
}

function bad(message: string): Fault {
  return { ok: false, status: 400, message: `Bad query: ${message}` };
}
