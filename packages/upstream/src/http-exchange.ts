import { createSseScanner, type SseScanner, splitAtId } from '@switchyard/wire';

import type { Deadline } from './deadline.ts';
import type { KeptSockets } from './kept-sockets.ts';
import type { ResponseHead } from './response-head.ts';
import type { Session } from './session.ts';
import type { UpstreamAnswer } from './target.ts';
import { fromStatus, fromTransport, UpstreamError } from './upstream-error.ts';

/** One POST to an endpoint, and what its answer must be. */
export interface Exchange {
  readonly session: Session;
  /** Header lines. */
  readonly headers: string;
  readonly body: string;
  /** The id's JSON text inside `body`. */
  readonly idText: string;
  readonly deadline: Deadline;
  /** A bound for one answer, in bytes. */
  readonly maxBytes: number;
  readonly onMessage: ((message: Buffer) => void) | undefined;
  /** Told before the rejection. */
  readonly onFailure: (error: UpstreamError) => void;
}

/** Sends it and waits for its answer, whether that comes as JSON or as server-sent events. Rejects with UpstreamError. */
export function exchange(sockets: KeptSockets, request: Exchange): Promise<UpstreamAnswer> {
  const { deadline, session, idText } = request;
  return new Promise((resolve, reject) => {
    if (deadline.reason) return reject(deadline.reason);
    const answer = createAnswerReader(request);
    let linger: NodeJS.Timeout | undefined;
    const settle = (body: Buffer): void => {
      deadline.listen(undefined);
      resolve({ body, idText, era: session.era });
    };
    const fail = (error: unknown): void => {
      const failure = error instanceof UpstreamError ? error : fromTransport(error, session.url.host);
      deadline.listen(undefined);
      request.onFailure(failure);
      reject(failure);
    };
    const giveUp = sockets.post(
      { url: session.url, headers: request.headers, body: request.body },
      {
        head: (head) => answer.head(head),
        data(chunk) {
          try {
            const early = answer.data(chunk);
            if (early) {
              settle(early);
              // A stream that goes on after its answer must not keep the connection for ever.
              linger = setTimeout(giveUp, LINGER_MS).unref();
            }
          } catch (error) {
            giveUp();
            fail(error);
          }
        },
        end() {
          clearTimeout(linger);
          try {
            settle(answer.end());
          } catch (error) {
            fail(error);
          }
        },
        failed(error, sent) {
          clearTimeout(linger);
          fail(broken(error, session.url.host, sent));
        },
      },
    );
    deadline.listen((reason) => {
      giveUp();
      fail(reason);
    });
  });
}

const LINGER_MS = 5_000;

function broken(error: Error, host: string, sent: boolean): UpstreamError {
  const { code, message } = fromTransport(error, host);
  return new UpstreamError(code, message, { mayHaveExecuted: sent, cause: error });
}

/** Puts an answer together from what comes in; each step throws UpstreamError. */
interface AnswerReader {
  head(head: ResponseHead): void;
  /** The answer itself where it is known before the response ends: the event that has our id. */
  data(chunk: Buffer): Buffer | undefined;
  end(): Buffer;
}

function createAnswerReader(request: Exchange): AnswerReader {
  let failure: UpstreamError | undefined;
  let scanner: SseScanner | undefined;
  let answer: Buffer | undefined;
  const chunks: Buffer[] = [];
  let size = 0;

  function readEvents(events: readonly Buffer[]): Buffer | undefined {
    for (const event of events) {
      if (!answer && splitAtId(event, request.idText)) answer = event;
      else if (event.length > 0 && !answer) request.onMessage?.(event);
    }
    return answer && accepted(request, answer);
  }

  return {
    head({ status, retryAfter, contentType }) {
      const judged = fromStatus(status, retryAfter, request.session.url.host);
      // Without sessions none can be lost: a modern 404 says in its body that the method is not there.
      const inBody = judged?.code === 'session_lost' && request.session.era === 'modern';
      failure = inBody ? undefined : judged;
      if (contentType?.startsWith('text/event-stream')) scanner = createSseScanner(request.maxBytes);
    },
    data(chunk) {
      if (answer) return undefined;
      size += chunk.length;
      if (failure) {
        // The body of a failure tells nothing that the status does not; reading it keeps the connection.
        if (size > MAX_FAILURE_BYTES) throw failure;
        return undefined;
      }
      // Of a stream too: messages without end, each small, would fill the buffer of a slow client.
      if (size > request.maxBytes) throw tooLarge(request);
      if (scanner) return readEvents(scan(request, scanner, chunk));
      chunks.push(chunk);
      return undefined;
    },
    end() {
      if (failure) throw failure;
      if (answer) return answer;
      if (scanner)
        throw new UpstreamError('garbled', `${request.session.url.host} ended its stream without an answer`);
      const [only] = chunks;
      return accepted(request, chunks.length === 1 && only ? only : Buffer.concat(chunks, size));
    },
  };
}

const MAX_FAILURE_BYTES = 65_536;

function scan(request: Exchange, scanner: SseScanner, chunk: Buffer): Buffer[] {
  try {
    return scanner.push(chunk);
  } catch {
    throw tooLarge(request);
  }
}

function tooLarge({ session: { url }, maxBytes }: Exchange): UpstreamError {
  return new UpstreamError('garbled', `${url.host} sent an answer of more than ${maxBytes} bytes`);
}

const CLOSE_BRACE = 0x7d;

/** A body is an answer when it carries the request's id and is a whole object; more would mean to parse the result. */
function accepted(request: Exchange, body: Buffer): Buffer {
  if (splitAtId(body, request.idText) && endsInBrace(body)) return body;
  const rewritten = withoutId(body, request.idText);
  if (rewritten) return rewritten;
  throw new UpstreamError(
    'garbled',
    `${request.session.url.host} sent something that is no answer to the request`,
  );
}

function endsInBrace(body: Buffer): boolean {
  let at = body.length - 1;
  while (at > 0 && (body[at] ?? 0) <= 0x20) at -= 1;
  return body[at] === CLOSE_BRACE;
}

/** An error that upstream could not put under the request's id (`"id":null`) is still the answer to this request. */
function withoutId(body: Buffer, idText: string): Buffer | undefined {
  if (body.length > 65_536) return undefined;
  try {
    const message = JSON.parse(body.toString('utf8')) as { id?: unknown; error?: unknown } | null;
    if (typeof message?.error !== 'object' || (message.id !== null && message.id !== undefined))
      return undefined;
    return Buffer.from(`{"jsonrpc":"2.0","id":${idText},"error":${JSON.stringify(message.error)}}`);
  } catch {
    return undefined;
  }
}
