import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { ClientMetadata } from 'oidc-provider';

import { readClientMetadata } from './client-metadata.ts';
import type { ClientPolicy, Clients } from './clients.ts';
import type { AuthorizationEvent } from './events.ts';
import { errors } from './oidc-library.ts';
import { createRateLimit, type RateLimit } from './rate-limit.ts';

/** The registration endpoint (RFC 7591). */
export type Registration = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

export interface RegistrationOptions {
  readonly policy: () => ClientPolicy;
  readonly clients: Pick<Clients, 'register'>;
  /** Throws an error of `oidc-provider` for metadata that it could not work with. */
  readonly validate: (metadata: ClientMetadata) => Promise<void>;
  readonly jwtBearer: boolean;
  /** The client's address; many people share one behind a hosted client, so its bound is wide. */
  readonly addressOf: (req: IncomingMessage) => string;
  readonly now: () => number;
  readonly onEvent: (event: AuthorizationEvent) => void;
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

const MAX_BYTES = 16_384;
const WINDOW_MS = 600_000;
const PER_ADDRESS = 120;
const IN_ALL = 1_200;

/**
 * Registration is open to everybody, as hosted clients need it: so it is bounded in size, rate and number, keeps only
 * what is used, and grants nothing. It is not the library's own, whose policies run only with an initial access token.
 */
export function createRegistration(options: RegistrationOptions): Registration {
  const { now, onEvent, addressOf } = options;
  const perAddress = createRateLimit({ limit: PER_ADDRESS, windowMs: WINDOW_MS, now });
  const inAll = createRateLimit({ limit: IN_ALL, windowMs: WINDOW_MS, now });

  return async (req, res) => {
    if (req.method === 'OPTIONS') return preflight(res);
    const answer = req.method === 'POST' ? await answerTo(req) : refused('invalid_request', POST_ONLY, 405);
    const { client_id: clientId, error } = answer.body;
    onEvent({
      kind: 'registration',
      outcome: answer.status === 201 ? 'accepted' : 'refused',
      ...(typeof clientId === 'string' && { clientId }),
      ...(typeof error === 'string' && { reason: error }),
    });
    send(res, answer);
  };

  async function answerTo(req: IncomingMessage): Promise<Answer> {
    if (!options.policy().dcr) return refused('access_denied', CLOSED, 403);
    if (!admitted(addressOf(req), [perAddress, inAll])) return BUSY;
    const body = await readJson(req);
    if (!body.ok) return refused('invalid_client_metadata', body.problem, body.status);
    const { redirects } = options.policy();
    const read = readClientMetadata(body.value, { redirects, jwtBearer: options.jwtBearer });
    return read.ok ? register(read.metadata) : refused(read.error, read.description);
  }

  async function register(said: ClientMetadata): Promise<Answer> {
    const metadata: ClientMetadata = {
      ...said,
      client_id: randomBytes(24).toString('base64url'),
      client_id_issued_at: Math.floor(now() / 1_000),
      ...(said.token_endpoint_auth_method?.startsWith('client_secret') === true && {
        client_secret: randomBytes(32).toString('base64url'),
        client_secret_expires_at: 0,
      }),
    };
    try {
      await options.validate(metadata);
    } catch (error) {
      if (!(error instanceof errors.OIDCProviderError)) throw error;
      return refused(error.error, error.error_description ?? 'the metadata cannot be used');
    }
    if (!(await options.clients.register(metadata))) return refused('temporarily_unavailable', FULL, 503);
    return { status: 201, body: { ...metadata } };
  }
}

const POST_ONLY = 'Send the metadata by POST.';
const CLOSED = 'Registration is turned off on this server. Ask its administrator for a client_id.';
const FULL = 'Too many clients have registered here. Ask the administrator of this server.';
const BUSY: Answer = {
  status: 429,
  body: {
    error: 'temporarily_unavailable',
    error_description: 'Too many registrations. Try again in 10 minutes.',
  },
  headers: { 'retry-after': String(WINDOW_MS / 1_000) },
};

function admitted(address: string, [perAddress, inAll]: readonly [RateLimit, RateLimit]): boolean {
  return perAddress(address) && inAll('all');
}

type ReadBody =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly status: number; readonly problem: string };

async function readJson(req: IncomingMessage): Promise<ReadBody> {
  if (!/^application\/json(?:\s*;|$)/i.test(req.headers['content-type'] ?? '')) {
    return { ok: false, status: 415, problem: 'Send the metadata as application/json.' };
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) {
      return { ok: false, status: 413, problem: `The metadata may have at most ${MAX_BYTES} bytes.` };
    }
    chunks.push(chunk);
  }
  try {
    return { ok: true, value: JSON.parse(Buffer.concat(chunks).toString('utf8')) };
  } catch {
    return { ok: false, status: 400, problem: 'The body is not JSON.' };
  }
}

function refused(error: string, description: string, status = 400): Answer {
  return { status, body: { error, error_description: description } };
}

function preflight(res: ServerResponse): void {
  res.writeHead(204, {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'content-type, mcp-protocol-version',
    'access-control-max-age': '3600',
  });
  res.end();
}

/** Clients in browsers register as well; nothing here depends on a cookie, so any origin may read the answer. */
function send(res: ServerResponse, { status, body, headers = {} }: Answer): void {
  res.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'access-control-allow-origin': '*',
    ...(status === 413 && { connection: 'close' }),
    ...headers,
  });
  res.end(JSON.stringify(body));
}
