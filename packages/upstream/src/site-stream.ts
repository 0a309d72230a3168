import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  isJSONRPCNotification,
  isJSONRPCRequest,
  type JSONRPCMessage,
  type JSONRPCRequest,
} from '@modelcontextprotocol/sdk/types.js';
import type { Credential } from '@switchyard/catalogue';
import { METHOD_NOT_FOUND } from '@switchyard/wire';
import { type Dispatcher, fetch } from 'undici';

import type { SessionRef } from './target.ts';

/** The long GET stream of a session, on which a site says what changed. */
export interface SiteStream {
  /** Asks for it; the SDK's transport resumes one that breaks. A site may have none. */
  start(): void;
  /** Ends it, and the session at the site; never rejects. */
  close(): Promise<void>;
}

export interface SiteStreamOptions {
  readonly url: URL;
  readonly credential: Credential;
  readonly ref: SessionRef;
  /** For what is answered at once. */
  readonly calls: Dispatcher;
  /** For the long GET stream: on the pool for calls, waiting streams would starve the calls. */
  readonly streams: Dispatcher;
  readonly timeoutMs: number;
  readonly onNotification: (method: string, params: unknown) => void;
}

/** What belongs to one request: that request's own answer tells it. */
const OF_A_REQUEST: ReadonlySet<string> = new Set(['notifications/cancelled', 'notifications/progress']);

export function createSiteStream(options: SiteStreamOptions): SiteStream {
  const { sessionId, protocolVersion } = options.ref;
  const transport = new StreamableHTTPClientTransport(options.url, {
    fetch: createFetch(options),
    ...(sessionId !== undefined && { sessionId }),
  });
  if (protocolVersion !== undefined) transport.setProtocolVersion(protocolVersion);

  transport.onmessage = (message: JSONRPCMessage) => {
    if (isJSONRPCRequest(message)) void transport.send(replyTo(message)).catch(() => {});
    else if (isJSONRPCNotification(message) && !OF_A_REQUEST.has(message.method))
      options.onNotification(message.method, message.params);
  };
  // A stream that breaks is reopened by the transport; list freshness does not depend on it.
  transport.onerror = () => {};

  async function open(): Promise<void> {
    await transport.start();
    // There is no event yet that it could go on from.
    await transport.resumeStream('');
  }

  return {
    start: () => void open().catch(() => {}),
    async close() {
      await transport.terminateSession().catch(() => {});
      await transport.close().catch(() => {});
    },
  };
}

/** A site that asks whether we are there is told so; what belongs to no call, nobody here can answer. */
function replyTo({ id, method }: JSONRPCRequest): JSONRPCMessage {
  if (method === 'ping') return { jsonrpc: '2.0', id, result: {} };
  return { jsonrpc: '2.0', id, error: { code: METHOD_NOT_FOUND, message: 'Method not found' } };
}

/** undici's fetch over our pools, with the credential's newest value. */
function createFetch({ credential, calls, streams, timeoutMs }: SiteStreamOptions): FetchLike {
  return (input, init = {}) => {
    const isStream = init.method === 'GET';
    const deadline = isStream ? [] : [AbortSignal.timeout(timeoutMs)];
    const signal = AbortSignal.any([...deadline, ...(init.signal ? [init.signal] : [])]);
    const headers = new Headers(init.headers);
    headers.set('authorization', credential.authorization.reveal());
    const dispatcher = isStream ? streams : calls;
    // undici's Request types and the DOM's are the same things declared twice.
    const options = { ...init, headers, signal, dispatcher, redirect: 'error' } as never;
    return fetch(new URL(input), options);
  };
}
