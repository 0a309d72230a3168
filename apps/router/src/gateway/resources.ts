import type { SiteDirectory } from '@switchyard/catalogue';
import { LRUCache } from 'lru-cache';

import type { Config } from '../config/config.ts';

/** The path that stands for all spellings of one MCP URL; undefined for a path that leads nowhere. */
export type ResourceOf = (path: string) => string | undefined;

const MAX_PATHS = 1_000;
const EVERYTHING = /^\/(?:v[12]\/)?mcp\/?$/;
const ONE_SITE = /^\/mcp\/sites\/([^/]+)\/?$/;
const ONE_VIEW = /^\/mcp\/views\/([^/]+)\/?$/;

/** What an access token is issued for (RFC 8707). A token for one site's URL opens no other URL, and no other opens it. */
export function createResources(directory: SiteDirectory, views: Config['views']): ResourceOf {
  const kept = new LRUCache<string, { readonly resource: string | undefined }>({ max: MAX_PATHS });

  function resolve(path: string): string | undefined {
    if (EVERYTHING.test(path)) return '/mcp';
    const site = directory.find(decode(ONE_SITE.exec(path)?.[1]) ?? '');
    if (site) return `/mcp/sites/${site.cloudId}`;
    const view = decode(ONE_VIEW.exec(path)?.[1]);
    return view !== undefined && Object.hasOwn(views, view) ? `/mcp/views/${view}` : undefined;
  }

  return (path) => {
    const known = kept.get(path);
    if (known) return known.resource;
    const resource = resolve(path);
    kept.set(path, { resource });
    return resource;
  };
}

function decode(part: string | undefined): string | undefined {
  if (part === undefined) return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
