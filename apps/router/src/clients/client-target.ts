import type { Mode } from '@switchyard/catalogue';

import type { ClientTarget } from './client-recipe.ts';

/** Which of Switchyard's MCP URLs is meant; nothing: all sites. Names are such that a path takes them as they are. */
export interface Selection {
  readonly site?: string;
  readonly view?: string;
  readonly mode?: Mode;
}

const NAME = 'switchyard';
/** Clients count the connector's name among the 60 or 64 characters of a tool's. */
const LONGEST_NAME = 24;
const ALL_SITES = /^\/(?:(?:v[12]\/)?mcp)?\/?$/;

/**
 * The MCP URL and a name for it. `base` is the public URL or an MCP URL, valid; what its query narrows stays. Undefined when
 * `base` names a site or a view already and the selection another one.
 */
export function clientTarget(base: string, { site, view, mode }: Selection): ClientTarget | undefined {
  const url = new URL(base);
  url.hash = '';
  if (site !== undefined || view !== undefined) {
    if (!ALL_SITES.test(url.pathname)) return undefined;
    url.pathname = site === undefined ? `/mcp/views/${view}` : `/mcp/sites/${site}`;
  } else if (url.pathname === '/') url.pathname = '/mcp';
  if (mode !== undefined) url.searchParams.set('mode', mode);
  return { name: nameOf(url.pathname), url: url.href };
}

/** `switchyard`, or with the site or the view behind it: two connectors of one client have two names. */
function nameOf(pathname: string): string {
  const last = /^\/mcp\/(?:sites|views)\/([^/]+)/.exec(pathname)?.[1];
  if (last === undefined) return NAME;
  const words = `${NAME} ${last}`.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words.join('-').slice(0, LONGEST_NAME).replace(/-$/, '');
}
