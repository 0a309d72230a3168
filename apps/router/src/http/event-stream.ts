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

export const EVENT_START = 'event: message\ndata: ';
export const EVENT_END = '\n\n';

export function createEventStream(res: Reply): EventStream {
  return {
    send(message) {
      if (res.isOver) return;
      openStream(res);
      res.write(`${EVENT_START}${oneLine(message)}${EVENT_END}`);
    },
    isOpen: () => res.isStarted,
    end(pieces) {
      openStream(res);
      res.write(EVENT_START);
      for (const piece of pieces) {
        res.write(piece.includes(0x0a) || piece.includes(0x0d) ? oneLine(piece.toString('utf8')) : piece);
      }
      res.write(EVENT_END);
      res.end();
    },
  };
}

export function openStream(res: Reply): void {
  if (!res.isStarted) res.begin(HEADERS);
}

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;

/** The same in these bytes, which are exchanged in place. */
export function onOneLine(bytes: Buffer): Buffer {
  for (const lineEnd of [LF, CR])
    for (let at = bytes.indexOf(lineEnd); at !== -1; at = bytes.indexOf(lineEnd, at + 1)) bytes[at] = SPACE;
  return bytes;
}

/** Line ends inside JSON are white space; inside an event they would end the data. */
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]/g, ' ');
}
