import { isRecord } from '@switchyard/catalogue';
import { LRUCache } from 'lru-cache';

import { createSafeFetch, type SafeFetchOptions } from '../egress/safe-fetch.ts';
import { readClientMetadata } from './client-metadata.ts';
import type { ClientPolicy } from './clients.ts';
import { errors } from './oidc-library.ts';
import { createRateLimit } from './rate-limit.ts';
import { isLoopbackHost } from './redirect-policy.ts';

/** The fetch of `oidc-provider`, for the URLs that clients name: metadata documents and key sets. */
export interface DocumentFetch {
  fetch(input: string | URL | Request): Promise<Response>;
  /** Whether the policy lets this URL be a client id. */
  admits(clientId: string): boolean;
  close(): Promise<void>;
}

export interface DocumentFetchOptions extends Pick<SafeFetchOptions, 'loopback' | 'resolver'> {
  readonly policy: () => ClientPolicy;
  readonly jwtBearer: boolean;
  readonly now: () => number;
}

/** draft-ietf-oauth-client-id-metadata-document, section 6.6, recommends 5 kB. */
const MAX_BYTES = 5_120;
const TIMEOUT_MS = 2_500;
const MAX_IN_FLIGHT = 32;
/** Anybody can name any URL: nobody shall turn this server on somebody else's. URLs that proved good are not counted. */
const WINDOW_MS = 60_000;
const UNKNOWN_PER_HOST = 60;
const UNKNOWN_IN_ALL = 600;
const MAX_KNOWN = 1_000;
/** The library asks again at once for what it could not use. */
const BAD_MS = 10_000;

/** With `loopback`, for development only, documents of this machine are fetched by plain http, since it has no certificate. */
export function createDocumentFetch(options: DocumentFetchOptions): DocumentFetch {
  const { policy, jwtBearer, now, ...network } = options;
  const { loopback = false } = network;
  const safeFetch = createSafeFetch({ ...network, maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS });
  const known = createUrlMemory(now);
  let inFlight = 0;

  async function download(url: URL): Promise<Response> {
    inFlight += 1;
    try {
      const address = new URL(url);
      if (loopback && isLoopbackHost(url.hostname)) address.protocol = 'http:';
      return await safeFetch(address.href, { headers: { accept: 'application/json' } });
    } finally {
      inFlight -= 1;
    }
  }

  /** Documents serve many servers: what this one does not know is left out before anybody judges it. */
  async function read(url: URL): Promise<Response> {
    const answer = await download(url);
    if (answer.status !== 200) throw new Error(`answered ${answer.status}`);
    const text = await answer.text();
    const document: unknown = JSON.parse(text);
    const kept = { headers: answer.headers };
    if (!isClientDocument(document, url.href)) {
      if (isRecord(document) && Array.isArray(document['keys'])) return new Response(text, kept);
      throw new errors.InvalidClientMetadata('the document names another client_id, or has a secret');
    }
    const { redirects } = policy();
    const said = readClientMetadata(document, { redirects, jwtBearer, document: url.href });
    if (!said.ok) throw new errors.InvalidClientMetadata(said.description);
    return new Response(JSON.stringify({ ...said.metadata, client_id: url.href }), kept);
  }

  function admits(clientId: string): boolean {
    const { cimd, cimdHosts } = policy();
    if (!cimd || !URL.canParse(clientId)) return false;
    const { hostname, port, pathname, search } = new URL(clientId);
    const known = cimdHosts === undefined || cimdHosts.includes(hostname);
    // An open port is nobody's business, and a document stands at a path.
    const plain =
      (port === '' || (loopback && isLoopbackHost(hostname))) && pathname !== '/' && search === '';
    return known && plain;
  }

  return {
    async fetch(input) {
      const url = new URL(input instanceof Request ? input.url : input);
      if (inFlight >= MAX_IN_FLIGHT || !known.mayAsk(url))
        throw new Error('not asked: too many, or bad a moment ago');
      try {
        const answer = await read(url);
        known.note(url, 'good');
        return answer;
      } catch (error) {
        known.note(url, 'bad');
        throw error;
      }
    },
    admits,
    close: safeFetch.close,
  };
}

interface UrlMemory {
  mayAsk(url: URL): boolean;
  note(url: URL, was: 'good' | 'bad'): void;
}

/** Counts the unknown URLs, lets good ones pass, and holds bad ones back for a moment. */
function createUrlMemory(now: () => number): UrlMemory {
  const perHost = createRateLimit({ limit: UNKNOWN_PER_HOST, windowMs: WINDOW_MS, now });
  const inAll = createRateLimit({ limit: UNKNOWN_IN_ALL, windowMs: WINDOW_MS, now });
  const good = new LRUCache<string, true>({ max: MAX_KNOWN });
  const bad = new LRUCache<string, true>({ max: MAX_KNOWN, ttl: BAD_MS });
  return {
    mayAsk: ({ href, host }) => !bad.has(href) && (good.has(href) || (perHost(host) && inAll('all'))),
    note: ({ href }, was) => void (was === 'good' ? good : bad).set(href, true),
  };
}

/** A document with a secret is none, whatever else it says. */
function isClientDocument(document: unknown, url: string): boolean {
  return isRecord(document) && document['client_id'] === url && !('client_secret' in document);
}
