import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import type { jsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/types.js';
import { type Dispatcher, fetch } from 'undici';

import type { UpstreamTarget } from './target.ts';
import { fromStatus, fromTransport, UpstreamError } from './upstream-error.ts';

/** An initialised MCP session with one endpoint in one caller's name. */
export interface Session {
  readonly url: URL;
  /** Every header of a request on this session. */
  readonly headers: Readonly<Record<string, string>>;
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
  readonly onListChanged: () => void;
}

/** Results are never validated here: without this the SDK compiles a validator for each client, most of its cost. */
const NO_VALIDATION: jsonSchemaValidator = {
  getValidator: () => (input) => ({ valid: true, data: input as never, errorMessage: undefined }),
};

/** Initialises with the SDK's client, which also keeps the GET stream for list_changed. Throws UpstreamError. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const url = new URL(options.target.endpoint);
  const authorization = options.target.credential.authorization.reveal();
  const client = new Client(options.clientInfo, { capabilities: {}, jsonSchemaValidator: NO_VALIDATION });
  const transport = new StreamableHTTPClientTransport(url, {
    fetch: createFetch(options),
    requestInit: { headers: { authorization } },
  });
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => options.onListChanged());
  // A stream that breaks is reopened by the transport; list freshness does not depend on it.
  client.onerror = () => {};
  try {
    await client.connect(transport, { timeout: options.timeoutMs });
  } catch (error) {
    await client.close().catch(() => {});
    throw opening(error, url);
  }
  return {
    url,
    headers: sessionHeaders(authorization, transport),
    async close() {
      await transport.terminateSession().catch(() => {});
      await client.close().catch(() => {});
    },
  };
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
    if (error.code !== 'session_lost') return error;
    return new UpstreamError('unavailable', `${url.host} has no MCP endpoint at ${url.pathname}`, {
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
    const failure = fromTransport(error, url.host);
    return new UpstreamError(failure.code, failure.message, { mayHaveExecuted: false, cause: error });
  }
  return new UpstreamError('garbled', `${url.host} did not answer initialize like an MCP server`, {
    mayHaveExecuted: false,
    cause: error,
  });
}

/** undici's fetch wraps what the socket said in a TypeError. */
function isTransport(error: unknown): boolean {
  return error instanceof TypeError && error.cause instanceof Error;
}
