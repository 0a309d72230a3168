import type { Dispatcher } from 'undici';

import { headerValue } from './session-headers.ts';
import type { SessionRef, UpstreamTarget } from './target.ts';
import { fromStatus, fromTransport, UpstreamError } from './upstream-error.ts';

const TIMEOUT_MS = 10_000;

/** Posts a JSON-RPC response on a session that is known by its reference alone. Throws UpstreamError. */
export async function respondTo(
  dispatcher: Dispatcher,
  { target, ref, message }: { target: UpstreamTarget; ref: SessionRef; message: string },
): Promise<void> {
  // A reference of another endpoint would carry this credential to it (I1).
  if (new URL(target.endpoint).href !== ref.endpoint) {
    throw new UpstreamError('session_lost', 'the session belongs to another endpoint', {
      mayHaveExecuted: false,
    });
  }
  const url = new URL(ref.endpoint);
  const headers: Record<string, string> = {
    authorization: headerValue(target.credential.authorization.reveal(), url.host),
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  if (ref.sessionId !== undefined) headers['mcp-session-id'] = ref.sessionId;
  if (ref.protocolVersion !== undefined) headers['mcp-protocol-version'] = ref.protocolVersion;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const path = url.pathname + url.search;
    const response = await dispatcher.request({
      origin: url.origin,
      path,
      method: 'POST',
      headers,
      body: message,
      signal,
    });
    await response.body.dump();
    const failure = fromStatus(response.statusCode, undefined, url.host);
    if (failure) throw failure;
  } catch (error) {
    throw fromTransport(error, url.host);
  }
}
