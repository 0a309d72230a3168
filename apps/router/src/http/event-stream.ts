import type { Reply } from './reply.ts';

/** One response as server-sent events, opened by the first message that is sent on it. */
export interface EventStream {
  send(message: string): void;
  isOpen(): boolean;
  /** The last message, in pieces that are not copied together. */
  end(pieces: readonly Buffer[]): void;
}

const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  // nginx would hold the events back.
  'x-accel-buffering': 'no',
} as const;

export function createEventStream(res: Reply): EventStream {
  return {
    send(message) {
      if (res.isOver) return;
      openStream(res);
      res.write(`event: message\ndata: ${oneLine(message)}\n\n`);
    },
    isOpen: () => res.isStarted,
    end(pieces) {
      openStream(res);
      res.write('event: message\ndata: ');
      for (const piece of pieces) {
        res.write(piece.includes(0x0a) || piece.includes(0x0d) ? oneLine(piece.toString('utf8')) : piece);
      }
      res.write('\n\n');
      res.end();
    },
  };
}

export function openStream(res: Reply): void {
  if (!res.isStarted) res.begin(HEADERS);
}

/** Line ends inside JSON are white space; inside an event they would end the data. */
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ');
}
