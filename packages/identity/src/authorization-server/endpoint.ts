import type { IncomingMessage, ServerResponse } from 'node:http';

import { canonicalQuery, createHostPinning } from './canonical-request.ts';
import type { AuthorizationEvent } from './events.ts';
import type { BuiltProvider } from './provider-source.ts';
import { PATHS } from './provider.ts';
import { createRateLimit, type RateLimit } from './rate-limit.ts';
import type { Registration } from './registration.ts';
import type { Resources } from './resources.ts';
import { createRoutes } from './routes.ts';
import type { SigningKeys } from './signing-keys.ts';

/** The paths of the protocol, as a handler of requests. */
export interface Endpoint {
  serves(path: string): boolean;
  handle(req: IncomingMessage, res: ServerResponse): Promise<void>;
}

export interface EndpointOptions {
  readonly issuer: string;
  readonly source: () => BuiltProvider;
  readonly signingKeys: Pick<SigningKeys, 'loadedAtMs' | 'reload'>;
  readonly register: Registration;
  readonly resources: Resources;
  readonly addressOf: (req: IncomingMessage) => string;
  readonly now: () => number;
  readonly onEvent: (event: AuthorizationEvent) => void;
}

const KEYS_FRESH_MS = 30_000;
const WINDOW_MS = 60_000;
/** Requests of one address in a minute. Authorization leaves a record and is opened by browsers; hosted clients refresh for thousands of people from a few addresses. */
const LIMITS: Readonly<Record<string, number>> = { [PATHS.authorization]: 120, [PATHS.token]: 12_000 };

/** Why a request does not reach the library. */
interface Problem {
  readonly status: number;
  readonly error: string;
  readonly description: string;
}

const NOT_FOUND: Problem = { status: 404, error: 'not_found', description: 'There is nothing here.' };
const TOO_MANY: Problem = {
  status: 429,
  error: 'temporarily_unavailable',
  description: 'Too many requests from this address. Try again in a minute.',
};
const UNAVAILABLE: Problem = {
  status: 503,
  error: 'temporarily_unavailable',
  description: 'Try again in a moment.',
};

/** Pins the origin, finds the path among its spellings, and hands the request to the library. */
export function createEndpoint(options: EndpointOptions): Endpoint {
  const { issuer, source, signingKeys, resources, addressOf, now, onEvent } = options;
  const pinHost = createHostPinning(issuer);
  const routeOf = createRoutes(issuer, resources);
  const limits = new Map<string, RateLimit>(
    Object.entries(LIMITS).map(([path, limit]) => [
      path,
      createRateLimit({ limit, windowMs: WINDOW_MS, now }),
    ]),
  );

  /** A replica that missed the news of a rotation learns of it in time to follow. */
  async function refreshKeys(): Promise<void> {
    if (now() - signingKeys.loadedAtMs() < KEYS_FRESH_MS) return;
    await signingKeys.reload().catch(() => onEvent({ kind: 'failure', where: 'keys' }));
  }

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const [path, query] = split(req.url ?? '/');
    const route = routeOf(path);
    if (route === undefined) return refuse(res, NOT_FOUND);
    if (!pinHost(req)) return refuse(res, otherHost(issuer));
    const limit = limits.get(route);
    if (limit && !limit(addressOf(req))) return refuse(res, TOO_MANY);
    if (route === PATHS.registration) return options.register(req, res);
    await refreshKeys();
    const canonical = route === PATHS.authorization ? canonicalQuery(query, resources) : query;
    req.url = canonical === '' ? route : `${route}?${canonical}`;
    await source().handle(req, res);
  }

  return {
    serves: (path) => routeOf(path) !== undefined,
    async handle(req, res) {
      try {
        await serve(req, res);
      } catch {
        onEvent({ kind: 'failure', where: 'other' });
        if (res.headersSent) res.destroy();
        else refuse(res, UNAVAILABLE);
      }
    },
  };
}

function otherHost(issuer: string): Problem {
  return {
    status: 421,
    error: 'invalid_request',
    description: `This server is ${issuer}; the request names another host.`,
  };
}

function split(url: string): [string, string] {
  const at = url.indexOf('?');
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)];
}

function refuse(res: ServerResponse, { status, error, description }: Problem): void {
  res.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    ...(status === TOO_MANY.status && { 'retry-after': String(WINDOW_MS / 1_000) }),
  });
  res.end(JSON.stringify({ error, error_description: description }));
}
