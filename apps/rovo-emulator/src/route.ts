// The URLs of the endpoint: an optional lane, the generation, and what the query narrows.
import type { Generation } from './emulator-options.ts';

/** An MCP URL. */
export interface Route {
  /** Path without the query. */
  readonly path: string;
  /** Empty without a prefix. */
  readonly lane: string;
  readonly generation: Generation;
  /** `/v1/mcp/authv2` */
  readonly isAuthV2: boolean;
  /** `?tools=all` */
  readonly flat: boolean;
  /** `?capabilities=`; only v1 is known to heed it. */
  readonly capabilities: readonly string[] | undefined;
}

const MCP_PATH = /^(?:\/([A-Za-z0-9._~-]+))?\/(v1\/mcp\/authv2|v1\/mcp|v2\/mcp)\/?$/;
const REMEMBERED_URLS = 1_000;

/** Builds a router that remembers URLs; it answers undefined for paths that are no MCP endpoint. */
export function createRouter(): (url: string) => Route | undefined {
  const remembered = new Map<string, Route | undefined>();
  return (url) => {
    if (remembered.has(url)) return remembered.get(url);
    if (remembered.size >= REMEMBERED_URLS) remembered.clear();
    const route = parseRoute(url);
    remembered.set(url, route);
    return route;
  };
}

function parseRoute(url: string): Route | undefined {
  const [path = '', query = ''] = url.split('?', 2);
  const match = MCP_PATH.exec(path);
  if (match === null) return undefined;
  const [, lane = '', endpoint = ''] = match;
  const search = new URLSearchParams(query);
  const generation = endpoint === 'v2/mcp' ? 'v2' : 'v1';
  const capabilities = generation === 'v1' ? search.get('capabilities') : null;
  return {
    path,
    lane,
    generation,
    isAuthV2: endpoint.endsWith('authv2'),
    flat: search.get('tools') === 'all',
    capabilities: capabilities === null ? undefined : capabilities.split(',').map((name) => name.trim()),
  };
}
