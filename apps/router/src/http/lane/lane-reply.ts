import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

import { type Fields, lengthOf, type Reply, SMALL_ANSWER } from '../reply.ts';

/** What a reply needs of the connection that it goes out on. */
export interface ReplyLine {
  readonly socket: Socket;
  /** The last lines of every head, with its empty line. */
  headEnd(): string;
  /** The answer has been written whole. */
  answered(): void;
}

/** One answer on a connection of the lane. A class because it is made for every call. */
export class LaneReply implements Reply {
  isStarted = false;
  isEnded = false;
  isOver = false;
  readonly showsItsEnd = true;
  #isChunked = false;
  #onClosed: Set<() => void> | undefined;
  readonly #line: ReplyLine;

  constructor(line: ReplyLine) {
    this.#line = line;
  }

  get isFull(): boolean {
    return this.#line.socket.writableNeedDrain;
  }

  get waiting(): number {
    return this.#line.socket.writableLength;
  }

  send(status: number, pieces: readonly Buffer[], fields: Fields): boolean {
    if (this.isOver || this.isStarted) return false;
    const { socket } = this.#line;
    const length = lengthOf(pieces);
    const head = this.#head(status, `${linesOf(fields)}content-length: ${length}\r\n`);
    this.isStarted = true;
    const isSmall = length <= SMALL_ANSWER;
    if (isSmall) writeJoined(socket, head, pieces);
    else {
      socket.cork();
      socket.write(head, 'latin1');
      for (const piece of pieces) socket.write(piece);
      socket.uncork();
    }
    const isFree = isSmall || socket.writableLength === 0;
    this.#finish();
    return isFree;
  }

  begin(fields: Fields): void {
    if (this.isOver || this.isStarted) return;
    this.isStarted = true;
    this.#isChunked = fields['content-length'] === undefined;
    const coding = this.#isChunked ? 'Transfer-Encoding: chunked\r\n' : '';
    this.#line.socket.write(this.#head(200, `${linesOf(fields)}${coding}`), 'latin1');
  }

  write(chunk: string | Buffer): void {
    if (this.isOver || chunk.length === 0) return;
    const { socket } = this.#line;
    if (!this.#isChunked) return void socket.write(chunk);
    const size = `${Buffer.byteLength(chunk).toString(16)}\r\n`;
    if (typeof chunk === 'string') return void socket.write(`${size}${chunk}\r\n`);
    socket.cork();
    socket.write(size, 'latin1');
    socket.write(chunk);
    socket.write('\r\n', 'latin1');
    socket.uncork();
  }

  end(): void {
    if (this.isOver) return;
    if (this.#isChunked) this.#line.socket.write('0\r\n\r\n', 'latin1');
    this.#finish();
  }

  together(give: () => void): void {
    const { socket } = this.#line;
    socket.cork();
    give();
    socket.uncork();
  }

  onceDrained(listener: () => void): void {
    this.#line.socket.once('drain', listener);
  }

  onceClosed(listener: () => void): () => void {
    const listeners = (this.#onClosed ??= new Set());
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  cut(): void {
    this.isOver = true;
    this.#line.socket.destroy();
  }

  /** The connection is gone. */
  leave(): void {
    this.isOver = true;
    this.#tell();
  }

  #head(status: number, lines: string): string {
    return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines}${this.#line.headEnd()}`;
  }

  #finish(): void {
    this.isEnded = true;
    this.isOver = true;
    this.#tell();
    this.#line.answered();
  }

  #tell(): void {
    const listeners = this.#onClosed;
    this.#onClosed = undefined;
    if (listeners) for (const listener of listeners) listener();
  }
}

function linesOf(fields: Fields): string {
  let lines = '';
  for (const name in fields) lines += `${name}: ${fields[name] ?? ''}\r\n`;
  return lines;
}

/** The head of an answer is far below this. */
const HEAD_BYTES = 4_096;
const JOINED_BYTES = SMALL_ANSWER + HEAD_BYTES;
let joined = Buffer.allocUnsafeSlow(JOINED_BYTES);

/**
 * One write: most answers are a packet or two. All are put together in one place, which is free again as soon as the
 * system has taken what stands there; when it has not, the socket keeps that place and there is a new one.
 */
function writeJoined(socket: Socket, head: string, pieces: readonly Buffer[]): void {
  if (head.length > HEAD_BYTES) joined = Buffer.allocUnsafeSlow(head.length + SMALL_ANSWER);
  let at = joined.write(head, 0, 'latin1');
  for (const piece of pieces) at += piece.copy(joined, at);
  socket.write(joined.subarray(0, at));
  if (socket.writableLength > 0 || joined.length > JOINED_BYTES)
    joined = Buffer.allocUnsafeSlow(JOINED_BYTES);
}
