import type { ServerResponse } from 'node:http';

/** Header fields of an answer; the length of a whole answer is added to them. */
export type Fields = Readonly<Record<string, string>>;

/** Where the answer to one HTTP request goes: node's response, or the lane's. What is sent after the end is dropped. */
export interface Reply {
  /** Something has gone out: the status can no longer be chosen. */
  readonly isStarted: boolean;
  /** The answer was given whole, whether or not it has been read. */
  readonly isEnded: boolean;
  /** Nothing more can be sent: it is ended, or its connection is gone. */
  readonly isOver: boolean;
  /** More waits for the reader than should. */
  readonly isFull: boolean;
  /** Bytes that wait for the reader in this process. */
  readonly waiting: number;
  /** Whether an answer without a length can be told from one that was cut off: not by a reader of HTTP/1.0. */
  readonly showsItsEnd: boolean;
  /** A whole answer at once; its pieces are the body. Returns whether nothing here will look at the pieces again. */
  send(status: number, pieces: readonly Buffer[], fields: Fields): boolean;
  /** Begins an answer whose end is not known yet: in chunks, unless the fields give its `content-length`. */
  begin(fields: Fields): void;
  write(chunk: string | Buffer): void;
  end(): void;
  /** What is given meanwhile goes out in one piece. */
  together(give: () => void): void;
  /** Told once, when the reader has caught up. */
  onceDrained(listener: () => void): void;
  /** Told once, when the answer is out or the client has left. Returns the way to stop listening. */
  onceClosed(listener: () => void): () => void;
  /** Ends the connection, whatever is missing. */
  cut(): void;
}

/** Up to here copying the pieces together is cheaper than writing them one by one. */
export const SMALL_ANSWER = 65_536;

export function lengthOf(pieces: readonly Buffer[]): number {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  return length;
}

/** As long as the lane waits for a reader. */
const STALLED_MS = 120_000;

export function createNodeReply(res: ServerResponse, stalledMs: number = STALLED_MS): Reply {
  /** Who takes nothing of what was given whole loses it; the next request on the connection has its own time. */
  function watchReader(): void {
    if (res.writableLength > 0) res.setTimeout(stalledMs, () => res.destroy());
  }

  return {
    get isStarted() {
      return res.headersSent;
    },
    get isEnded() {
      return res.writableEnded;
    },
    get isOver() {
      return res.writableEnded || res.destroyed;
    },
    get isFull() {
      return res.writableNeedDrain;
    },
    get waiting() {
      return res.writableLength;
    },
    showsItsEnd: res.req.httpVersion !== '1.0',
    send(status, pieces, fields) {
      const length = lengthOf(pieces);
      res.writeHead(status, { ...fields, 'content-length': length });
      if (length <= SMALL_ANSWER) {
        res.end(Buffer.concat(pieces, length));
        return true;
      }
      res.cork();
      for (const piece of pieces) res.write(piece);
      res.end();
      res.uncork();
      watchReader();
      return false;
    },
    begin: (fields) => void res.writeHead(200, { ...fields }),
    write: (chunk) => void (res.writableEnded || res.write(chunk)),
    together(give) {
      res.cork();
      give();
      res.uncork();
    },
    // Not corked: on Node 24 a corked end of a chunked response loses what was corked.
    end() {
      res.end();
      watchReader();
    },
    onceDrained: (listener) => void res.once('drain', listener),
    onceClosed(listener) {
      res.once('close', listener);
      return () => void res.off('close', listener);
    },
    cut: () => void res.destroy(),
  };
}
