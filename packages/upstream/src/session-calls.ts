import { type IdSource, requestText } from '@switchyard/wire';
import type { Dispatcher } from 'undici';

import { waitWithin } from './deadline.ts';
import { exchange } from './http-exchange.ts';
import type { SessionPool } from './session-pool.ts';
import type { Session } from './session.ts';
import type { UpstreamAnswer, UpstreamRequest, UpstreamTarget } from './target.ts';
import { UpstreamError } from './upstream-error.ts';

/** Sends one request once, on the target's session. */
export type SendOnce = (
  target: UpstreamTarget,
  request: UpstreamRequest,
  signal: AbortSignal,
) => Promise<UpstreamAnswer>;

export function createSessionCalls(options: {
  readonly pool: SessionPool;
  readonly dispatcher: Dispatcher;
  readonly ids: IdSource;
  readonly maxAnswerBytes: number;
}): SendOnce {
  const { pool, dispatcher, ids, maxAnswerBytes } = options;

  return async function sendOnce(target, request, signal) {
    const session = await waitWithin(pool.get(target), signal);
    const idText = ids.next();
    const { paramsText, headers } = session.prepare(request);
    const { onMessage } = request;
    try {
      return await exchange({
        dispatcher,
        session,
        headers,
        body: requestText(idText, request.method, paramsText),
        idText,
        signal,
        maxBytes: maxAnswerBytes,
        onMessage: onMessage && ((message) => onMessage(message, session.ref)),
      });
    } catch (error) {
      if (isOneOf(error, ['session_lost', 'unauthorized'])) pool.drop(target, session);
      // In the modern era the closed connection has said it already.
      if (session.era === 'legacy' && isOneOf(error, ['timeout', 'cancelled']))
        cancel(dispatcher, session, idText);
      throw error;
    }
  };
}

function isOneOf(error: unknown, codes: readonly UpstreamError['code'][]): boolean {
  return error instanceof UpstreamError && codes.includes(error.code);
}

const CANCEL_TIMEOUT_MS = 5_000;

/** Tells the site that nobody waits any more; whether it listens changes nothing here. */
function cancel(dispatcher: Dispatcher, session: Session, idText: string): void {
  dispatcher
    .request({
      origin: session.url.origin,
      path: session.url.pathname + session.url.search,
      method: 'POST',
      headers: session.headers,
      body: `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${idText}}}`,
      signal: AbortSignal.timeout(CANCEL_TIMEOUT_MS),
    })
    .then((response) => response.body.dump())
    .catch(() => {});
}
