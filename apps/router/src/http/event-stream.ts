import type { ServerResponse } from 'node:http';

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

export function createEventStream(res: ServerResponse): EventStream {
  return {
    send(message) {
      if (res.writableEnded || res.destroyed) return;
      openStream(res);
      res.write(`event: message\ndata: ${oneLine(message)}\n\n`);
    },
    isOpen: () => res.headersSent,
    end(pieces) {
      openStream(res);
      // Not corked: on Node 24 a corked end of a chunked response loses what was corked.
      res.write('event: message\ndata: ');
      for (const piece of pieces) {
        res.write(piece.includes(0x0a) || piece.includes(0x0d) ? oneLine(piece.toString('utf8')) : piece);
      }
      res.end('\n\n');
    },
  };
}

export function openStream(res: ServerResponse): void {
  if (!res.headersSent) res.writeHead(200, HEADERS);
}

/** Line ends inside JSON are white space; inside an event they would end the data. */
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ');
}
