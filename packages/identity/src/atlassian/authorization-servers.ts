import { LRUCache } from 'lru-cache';

import { reachOf } from '../egress/public-address.ts';
import { createSafeFetch, type SafeFetch, type SafeFetchOptions } from '../egress/safe-fetch.ts';
import { discoverServer } from './discovery.ts';
import type { ServerMetadata } from './server-metadata.ts';

/** The authorization servers that sites name, and the way to reach them. */
export interface AuthorizationServers {
  /** How to fetch what concerns an endpoint. */
  fetchFor(endpoint: string): SafeFetch;
  /** The server's description, remembered for 10 minutes. */
  describe(issuer: string, fetch: SafeFetch): Promise<ServerMetadata>;
  close(): Promise<void>;
}

const REMEMBERED_MS = 600_000;
const MAX_SERVERS = 100;

/** Opens no connection before it is asked. */
export function createAuthorizationServers(
  egress: Pick<SafeFetchOptions, 'resolver' | 'timeoutMs'> = {},
): AuthorizationServers {
  const outward = createSafeFetch(egress);
  const local = createSafeFetch({ ...egress, loopback: true });
  const known = new LRUCache<string, ServerMetadata>({ max: MAX_SERVERS, ttl: REMEMBERED_MS });
  return {
    // An endpoint on this machine is a test or the demo; any other must not send us to this machine.
    fetchFor: (endpoint) => (isLocal(new URL(endpoint).hostname) ? local : outward),
    async describe(issuer, fetch) {
      const remembered = known.get(issuer);
      if (remembered) return remembered;
      const server = await discoverServer(issuer, fetch);
      known.set(issuer, server);
      return server;
    },
    close: async () => void (await Promise.all([outward.close(), local.close()])),
  };
}

/** Whether a URL's host name is this machine. */
export function isLocal(host: string): boolean {
  return host === 'localhost' || reachOf(host.replace(/^\[|\]$/g, '')) === 'loopback';
}
