import { validateHeaderValue } from 'node:http';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { jsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/types.js';
import { withoutEnvelope } from '@switchyard/wire';
import { type Dispatcher, fetch } from 'undici';

import type { SessionRef, UpstreamRequest, UpstreamTarget } from './target.ts';
import { fromStatus, fromTransport, UpstreamError } from './upstream-error.ts';

/** A way to talk to one endpoint in one caller's name: an initialised session, or the stateless protocol. */
export interface Session {
  readonly era: 'legacy' | 'modern';
  readonly url: URL;
  readonly ref: SessionRef;
  /** What the site offers. */
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** Headers of every request, as lines. */
  readonly headerLines: string;
  /** Turns a request into what this hop sends: keys of the hop before are replaced. */
  prepare(request: UpstreamRequest): { readonly paramsText: string; readonly headers: string };
  /** Ends it here and, best effort, at the site. */
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly target: UpstreamTarget;
  readonly timeoutMs: number;
  readonly clientInfo: { readonly name: string; readonly version: string };
  /** For requests. */
  readonly calls: Dispatcher;
  /** For the long GET stream: on the pool for calls, waiting streams would starve the calls. */
  readonly streams: Dispatcher;
  readonly onNotification: (method: string, params: unknown) => void;
}

/** Results are never validated here: without this the SDK compiles a validator for each client, most of its cost. */
const NO_VALIDATION: jsonSchemaValidator = {
  getValidator: () => (input) => ({ valid: true, data: input as never, errorMessage: undefined }),
};

/** Initialises with the SDK's client, which also keeps the GET stream for list_changed. Throws UpstreamError. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const url = new URL(options.target.endpoint);
  const authorization = headerValue(options.target.credential.authorization.reveal(), url.host);
  const client = new Client(options.clientInfo, {
    capabilities: { ...options.target.capabilities },
    jsonSchemaValidator: NO_VALIDATION,
  });
  const transport = new StreamableHTTPClientTransport(url, {
    fetch: createFetch(options),
    requestInit: { headers: { authorization } },
  });
  client.fallbackNotificationHandler = async ({ method, params }) => options.onNotification(method, params);
  // A stream that breaks is reopened by the transport; list freshness does not depend on it.
  client.onerror = () => {};
  try {
    await client.connect(transport, { timeout: options.timeoutMs });
  } catch (error) {
    await client.close().catch(() => {});
    throw opening(error, url);
  }
  let closing: Promise<void> | undefined;
  async function end(): Promise<void> {
    await transport.terminateSession().catch(() => {});
    await client.close().catch(() => {});
  }
  const headerLines = linesOf(sessionHeaders(authorization, transport));
  return {
    era: 'legacy',
    url,
    headerLines,
    ref: { endpoint: url.href, sessionId: transport.sessionId, protocolVersion: transport.protocolVersion },
    capabilities: { ...client.getServerCapabilities() },
    prepare: ({ paramsText }) => ({ paramsText: withoutEnvelope(paramsText), headers: headerLines }),
    close: () => (closing ??= end()),
  };
}

/** Headers as they stand on the wire. A value with a line end cannot come in: each was checked or is our own. */
export function linesOf(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}

/** Header classes quote a value that they refuse; a credential must not come into an error that way (I5). */
export function headerValue(authorization: string, host: string): string {
  try {
    validateHeaderValue('authorization', authorization);
    return authorization;
  } catch {
    throw new UpstreamError('unauthorized', `the credential for ${host} cannot be sent as a header`, {
      mayHaveExecuted: false,
    });
  }
}

function sessionHeaders(
  authorization: string,
  transport: StreamableHTTPClientTransport,
): Record<string, string> {
  const headers: Record<string, string> = {
    authorization,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  if (transport.protocolVersion !== undefined) headers['mcp-protocol-version'] = transport.protocolVersion;
  if (transport.sessionId !== undefined) headers['mcp-session-id'] = transport.sessionId;
  return headers;
}

/** undici's fetch over our pools, with failures of the POST already classified. */
function createFetch({ calls, streams, timeoutMs }: SessionOptions): FetchLike {
  return async (input, init) => {
    const url = new URL(input);
    const isStream = init?.method === 'GET';
    const deadline = isStream ? [] : [AbortSignal.timeout(timeoutMs)];
    const signal = AbortSignal.any([...deadline, ...(init?.signal ? [init.signal] : [])]);
    // undici's Request types and the DOM's are the same things declared twice.
    const options = { ...init, signal, dispatcher: isStream ? streams : calls, redirect: 'error' } as never;
    const response = await fetch(url, options);
    if (init?.method === 'POST' && !response.ok) {
      const failure = fromStatus(response.status, response.headers.get('retry-after') ?? undefined, url.host);
      await response.body?.cancel();
      throw (
        failure ?? new UpstreamError('garbled', `${url.host} answered HTTP ${response.status} to initialize`)
      );
    }
    return response;
  };
}

function opening(error: unknown, url: URL): UpstreamError {
  if (error instanceof UpstreamError) {
    // There is no session yet that could be lost: the address is wrong.
    if (error.code !== 'session_lost') return notSent(error);
    return new UpstreamError('no_endpoint', `${url.host} has no MCP endpoint at ${url.pathname}`, {
      mayHaveExecuted: false,
    });
  }
  const timedOut =
    error instanceof Error && (error.name === 'TimeoutError' || error.message.includes('timed out'));
  if (timedOut) {
    return new UpstreamError('timeout', `${url.host} did not answer initialize in time`, {
      mayHaveExecuted: false,
      cause: error,
    });
  }
  if (isTransport(error)) {
    return notSent(fromTransport(error, url.host));
  }
  // Without its cause: that quotes the site, which may quote the credential (I5).
  return new UpstreamError('garbled', `${url.host} did not answer initialize like an MCP server`, {
    mayHaveExecuted: false,
  });
}

/** While a session is opened no tool was asked for anything. */
function notSent({ code, message, retryAfterSeconds, cause }: UpstreamError): UpstreamError {
  return new UpstreamError(code, message, { mayHaveExecuted: false, retryAfterSeconds, cause });
}

/** undici's fetch wraps what the socket said in a TypeError. */
function isTransport(error: unknown): boolean {
  return error instanceof TypeError && error.cause instanceof Error;
}
