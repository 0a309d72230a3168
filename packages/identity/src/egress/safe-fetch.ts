import { lookup as resolve, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';

import { Agent, type Dispatcher, request } from 'undici';

import { IdentityError } from '../errors.ts';
import { type Reach, reachOf } from './public-address.ts';

/** One request; `headers` and `body` as for `fetch`. */
interface SafeRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** Every address of a host name, as `dns.lookup` gives them. */
export type Resolver = (
  host: string,
  done: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

/** Times are milliseconds. `loopback`: this machine may be reached as well, also by plain http. */
export interface SafeFetchOptions {
  readonly loopback?: boolean;
  readonly maxBytes?: number;
  readonly timeoutMs?: number;
  readonly resolver?: Resolver;
}

/**
 * Fetches a URL that somebody else named. Rejects with `IdentityError`: `egress_refused` for a URL or an address that
 * may not be asked, `egress_failed` for no answer in time or one that is too large. Redirects are answers like any other.
 */
export interface SafeFetch {
  (url: string, init?: SafeRequest): Promise<Response>;
  /** Ends what is under way. */
  readonly close: () => Promise<void>;
}

const MAX_BYTES = 65_536;
const TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 8;
/** What a reader may need to know of an answer; the rest is nobody's business here. */
const KEPT_HEADERS = ['content-type', 'cache-control', 'expires'];
const NO_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** The addresses are judged where the connection is made, so that a second answer of DNS cannot be another. */
export function createSafeFetch(options: SafeFetchOptions = {}): SafeFetch {
  const { maxBytes = MAX_BYTES, timeoutMs = TIMEOUT_MS, resolver = resolveAll, loopback = false } = options;
  const reachable = (reach: Reach): boolean => reach === 'public' || (loopback && reach === 'loopback');
  const agent = new Agent({
    connections: MAX_CONNECTIONS,
    maxHeaderSize: 16_384,
    connect: { lookup: guardedLookup(resolver, reachable), timeout: timeoutMs },
  });

  async function safeFetch(address: string, init: SafeRequest = {}): Promise<Response> {
    const url = checkedUrl(address, reachable);
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = init.signal ? AbortSignal.any([init.signal, deadline]) : deadline;
    const { method = 'GET', headers = {}, body = null } = init;
    try {
      const answer = await request(url, {
        method,
        headers,
        body,
        signal,
        dispatcher: agent,
      });
      return await responseOf(answer, maxBytes);
    } catch (error) {
      throw asEgressError(error, url);
    }
  }

  return Object.assign(safeFetch, { close: () => agent.destroy() });
}

function checkedUrl(address: string, reachable: (reach: Reach) => boolean): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || url.username !== '' || url.password !== '') throw refused('it is no plain URL');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // The name is only a first guess: the look-up judges the addresses that it really has.
  const reach = isIP(host) === 0 ? guessedReach(host) : reachOf(host);
  if (!reachable(reach)) throw refused('its address is not a public one');
  if (url.protocol === 'https:' || (url.protocol === 'http:' && reach === 'loopback')) return url;
  throw refused('it is not https');
}

function guessedReach(host: string): Reach {
  return host === 'localhost' ? 'loopback' : 'public';
}

function guardedLookup(resolver: Resolver, reachable: (reach: Reach) => boolean): LookupFunction {
  return (host, options, done) => {
    resolver(host, (error, addresses) => {
      const first = addresses[0];
      if (error || !first) return done(refusedLookup('its host has no address'), '');
      // One bad address among good ones is how a name is moved from the check to the use.
      if (!addresses.every(({ address }) => reachable(reachOf(address))))
        return done(refusedLookup('its host has an address that is not a public one'), '');
      if (options.all) done(null, [...addresses]);
      else done(null, first.address, first.family);
    });
  };
}

function resolveAll(host: string, done: Parameters<Resolver>[1]): void {
  resolve(host, { all: true }, (error, addresses) => done(error, error ? [] : addresses));
}

async function responseOf(answer: Dispatcher.ResponseData, maxBytes: number): Promise<Response> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Leaving the loop destroys the body, and with it the connection.
    if (size > maxBytes) throw failed(`the answer is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  const { statusCode: status } = answer;
  const kept = KEPT_HEADERS.flatMap((name): [string, string][] => {
    const value = answer.headers[name];
    return typeof value === 'string' ? [[name, value]] : [];
  });
  return new Response(NO_BODY.has(status) ? null : Buffer.concat(chunks), {
    status,
    headers: kept,
  });
}

/** Errors of the transport can quote the request: only what happened is passed on (I5). */
function asEgressError(error: unknown, { host }: URL): IdentityError {
  if (error instanceof IdentityError) return error;
  const name = error instanceof Error ? error.name : '';
  return failed(name === 'TimeoutError' ? `${host} did not answer in time` : `no answer came from ${host}`);
}

function refused(why: string): IdentityError {
  return new IdentityError('egress_refused', `The address is not asked: ${why}.`);
}

function refusedLookup(why: string): NodeJS.ErrnoException {
  return refused(why);
}

function failed(why: string): IdentityError {
  return new IdentityError('egress_failed', `The request failed: ${why}.`);
}
