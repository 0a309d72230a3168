import type { LargeAnswer, LargeAnswerSink } from '@switchyard/upstream';

import { stamped, stampOf } from './answer-pieces.ts';
import { EVENT_END, EVENT_START, onOneLine } from './event-stream.ts';
import type { McpExchange } from './mcp-exchange.ts';
import { lengthOf, type Reply } from './reply.ts';

/** When so many bytes wait for a reader, its site is told to wait. No less than any socket calls full. */
const FULL_BYTES = 65_536;

/**
 * Gives a client a large result while it arrives, as fast as the client reads: under its own id, with the stamp of its era,
 * as JSON, or as an event where events went before.
 */
export function passToClient(exchange: McpExchange, answer: LargeAnswer): LargeAnswerSink | undefined {
  const { res, message, isAsked } = exchange;
  // A later request of the client gets it, whole.
  if (isAsked || res.isEnded) return undefined;
  if (res.isOver) {
    answer.giveUp();
    return undefined;
  }
  const idBytes = Buffer.from(message.idText);
  const pieces = startOf(exchange, answer, idBytes);
  const length = wholeLength(answer, pieces, idBytes);
  const isEvent = res.isStarted;
  if (!isEvent && length === undefined && !res.showsItsEnd) return undefined;
  const { readerTimeoutMs } = exchange.admitted.runtime.config.limits;
  const pace = createPace(res, answer, readerTimeoutMs);
  const write = (bytes: Buffer): void => res.write(isEvent ? onOneLine(bytes) : bytes);

  res.onceClosed(() => void (res.isEnded || answer.giveUp()));
  res.together(() => {
    if (isEvent) res.write(EVENT_START);
    else res.begin({ 'content-type': 'application/json', ...(length && { 'content-length': length }) });
    for (const piece of pieces) write(piece);
  });
  pace();
  return {
    write(bytes) {
      write(bytes);
      pace();
    },
    end(bytes, idAt) {
      res.together(() => {
        write(idAt === -1 ? bytes : bytes.subarray(0, idAt));
        if (idAt !== -1) write(Buffer.concat([idBytes, bytes.subarray(idAt + answer.idText.length)]));
        if (isEvent) res.write(EVENT_END);
      });
      res.end();
    },
    broken: () => res.cut(),
  };
}

function startOf(
  { message, client }: McpExchange,
  { start, idText, idAt, era }: LargeAnswer,
  idBytes: Buffer,
): readonly Buffer[] {
  const pieces =
    idAt === -1 ? [start] : [start.subarray(0, idAt), idBytes, start.subarray(idAt + idText.length)];
  const isStamped = client.era === 'modern' && era === 'legacy';
  return isStamped ? stamped(pieces, stampOf(message.method)) : pieces;
}

/** Of the whole body, where the site has told the length of its own. */
function wholeLength(
  { length, start, idAt, idText }: LargeAnswer,
  pieces: readonly Buffer[],
  idBytes: Buffer,
): string | undefined {
  if (length === undefined) return undefined;
  const later = idAt === -1 ? idBytes.length - idText.length : 0;
  return String(length + lengthOf(pieces) - start.length + later);
}

/** Makes the site wait while the client does not read. */
function createPace(res: Reply, answer: LargeAnswer, maxWaitMs: number): () => void {
  let isWaiting = false;
  return () => {
    if (isWaiting || res.waiting < FULL_BYTES) return;
    isWaiting = true;
    answer.pause(maxWaitMs);
    res.onceDrained(() => {
      isWaiting = false;
      answer.resume();
    });
  };
}
