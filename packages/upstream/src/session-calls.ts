import { type IdSource, requestText } from '@switchyard/wire';

import { type Deadline, waitWithin } from './deadline.ts';
import { exchange } from './http-exchange.ts';
import type { KeptSockets } from './kept-sockets.ts';
import type { SessionPool } from './session-pool.ts';
import type { Session } from './session.ts';
import type { UpstreamAnswer, UpstreamRequest, UpstreamTarget } from './target.ts';
import { UpstreamError } from './upstream-error.ts';

/** Sends one request once, on the target's session. */
export type SendOnce = (
  target: UpstreamTarget,
  request: UpstreamRequest,
  deadline: Deadline,
) => Promise<UpstreamAnswer>;

export function createSessionCalls(options: {
  readonly pool: SessionPool;
  readonly sockets: KeptSockets;
  readonly ids: IdSource;
  readonly maxAnswerBytes: number;
}): SendOnce {
  const { pool, sockets, ids, maxAnswerBytes } = options;

  function onSession(session: Session, { target, request, deadline }: Sending): Promise<UpstreamAnswer> {
    const idText = ids.next();
    const { paramsText, headers } = session.prepare(request);
    const { onMessage } = request;
    return exchange(sockets, {
      session,
      headers,
      body: requestText(idText, request.method, paramsText),
      idText,
      deadline,
      maxBytes: maxAnswerBytes,
      onMessage: onMessage && ((message) => onMessage(message, session.ref)),
      reader: request.reader,
      onFailure(error) {
        if (isOneOf(error, ['session_lost', 'unauthorized'])) pool.drop(target, session);
        // In the modern era the closed connection has said it already.
        const isSilent = session.era === 'modern' || !isOneOf(error, ['timeout', 'cancelled']);
        if (!isSilent) cancel(sockets, session, idText);
      },
    });
  }

  return renewing(sendNow);

  function sendNow(
    target: UpstreamTarget,
    request: UpstreamRequest,
    deadline: Deadline,
  ): Promise<UpstreamAnswer> {
    const sending = { target, request, deadline };
    const session = pool.ready(target);
    if (session) return onSession(session, sending);
    return waitWithin(pool.get(target), deadline).then((opened) => onSession(opened, sending));
  }
}

/** Sends with credentials that are renewed: before they end, and when a site ends one before its time. */
function renewing(sendNow: SendOnce): SendOnce {
  /** What was refused was not done, so that even a write goes again with a newer credential. */
  const sendLinked: SendOnce = async (target, request, deadline) => {
    const { credential } = target;
    const sent = credential.authorization;
    try {
      return await sendNow(target, request, deadline);
    } catch (error) {
      const refused = error instanceof UpstreamError && error.code === 'unauthorized';
      if (!refused || error.mayHaveExecuted) throw error;
      if (credential.authorization === sent) {
        credential.refused?.();
        const renewal = renewalOf(target);
        if (!renewal) throw error;
        await waitWithin(renewal, deadline);
      }
      return sendNow(target, request, deadline);
    }
  };

  return function sendOnce(target, request, deadline) {
    const renewal = renewalOf(target);
    const send = target.credential.refused ? sendLinked : sendNow;
    if (renewal) return waitWithin(renewal, deadline).then(() => send(target, request, deadline));
    return send(target, request, deadline);
  };
}

/** A credential that is about to end is renewed first; one that cannot be renewed opens nothing. */
function renewalOf({ credential, endpoint }: UpstreamTarget): Promise<void> | undefined {
  return credential.fresh?.()?.catch(() => {
    const { host } = new URL(endpoint);
    throw new UpstreamError('unauthorized', `the credential for ${host} cannot be renewed`, {
      mayHaveExecuted: false,
    });
  });
}

interface Sending {
  readonly target: UpstreamTarget;
  readonly request: UpstreamRequest;
  readonly deadline: Deadline;
}

function isOneOf({ code }: UpstreamError, codes: readonly UpstreamError['code'][]): boolean {
  return codes.includes(code);
}

/** Tells the site that nobody waits any more; whether it listens changes nothing here. */
function cancel(sockets: KeptSockets, session: Session, idText: string): void {
  const body = `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${idText}}}`;
  const giveUp = sockets.post(
    { url: session.url, headers: session.headerLines(), body },
    { head: ignore, data: ignore, end: () => clearTimeout(timer), failed: () => clearTimeout(timer) },
  );
  const timer = setTimeout(giveUp, CANCEL_TIMEOUT_MS).unref();
}

const CANCEL_TIMEOUT_MS = 5_000;

function ignore(): void {}
