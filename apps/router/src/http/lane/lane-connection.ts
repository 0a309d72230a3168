import type { Socket } from 'node:net';

import type { HttpRequest } from '../http-request.ts';
import type { Reply } from '../reply.ts';
import type { HeadEnd } from './head-end.ts';
import { LaneReply, type ReplyLine } from './lane-reply.ts';
import { type PlainHead, readPlainHead } from './request-head.ts';
import { readAlone, readShared } from './shared-read.ts';

/** Serves one POST whose body is there. Answers every one, or ends its connection. */
export type ServePost = (req: HttpRequest, res: Reply, body: string) => void;

/** What all connections of a lane share. */
export interface LaneRules {
  readonly post: ServePost;
  /** Takes a connection for good, with all bytes that were not answered. */
  readonly handOver: (connection: LaneConnection, unread: Buffer) => void;
  readonly headEnd: HeadEnd;
  readonly isClosing: () => boolean;
  /** A coarse clock, in milliseconds. */
  readonly now: () => number;
  /** How long a new connection may say nothing, one that was used may, and the rest of a request may take. */
  readonly silentMs: number;
  readonly keepAliveMs: number;
  readonly partialMs: number;
  /** How long a reader may read nothing of what waits for it. */
  readonly stalledMs: number;
}

/** One connection: plain requests one after the other, until one is not plain. A class because there are thousands. */
export class LaneConnection implements ReplyLine {
  readonly socket: Socket;
  /** What is read is valid while it is told, and must be copied to be held. */
  readonly #isShared: boolean;
  readonly #rules: LaneRules;
  /** The last head, byte for byte: clients send the same again and again. */
  #known: { readonly bytes: Buffer; readonly head: PlainHead } | undefined;
  /** What has come and was not served yet. */
  #held: Buffer | undefined;
  #reply: LaneReply | undefined;
  #quietSince: number;

  constructor(socket: Socket, rules: LaneRules) {
    this.socket = socket;
    this.#rules = rules;
    this.#quietSince = rules.now();
    this.#isShared = readShared(socket, this.#take);
    if (!this.#isShared) socket.on('data', this.#take);
    socket.on('end', this.#end);
    socket.on('error', ignore);
    socket.on('timeout', this.#cut);
    socket.on('close', this.#leave);
  }

  get isIdle(): boolean {
    return this.#reply === undefined && this.#held === undefined;
  }

  /** Bytes that have not left for the reader, and since when they may have been waiting, by the coarse clock. */
  get waiting(): { readonly bytes: number; readonly since: number } {
    return { bytes: this.socket.writableLength, since: this.#quietSince };
  }

  headEnd(): string {
    return this.#rules.headEnd(this.#rules.isClosing());
  }

  answered(): void {
    this.#reply = undefined;
    this.#quietSince = this.#rules.now();
    if (this.#rules.isClosing()) this.socket.destroySoon();
    else if (this.#held || this.socket.isPaused() || this.socket.writableNeedDrain)
      queueMicrotask(this.#goOn);
  }

  /** Ends or hands over what has been quiet for too long. An answer may take as long as it takes. */
  check(): void {
    const { partialMs, silentMs, keepAliveMs, stalledMs, now } = this.#rules;
    const isWaitedFor = this.socket.writableLength > 0;
    if (isWaitedFor !== Boolean(this.socket.timeout)) this.socket.setTimeout(isWaitedFor ? stalledMs : 0);
    if (this.#reply || isWaitedFor) return;
    const quietMs = now() - this.#quietSince;
    if (this.#held) {
      if (quietMs >= partialMs) this.#handOver(this.#held);
    } else if (quietMs >= (this.#known ? keepAliveMs : silentMs)) this.socket.destroy();
  }

  readonly #take = (chunk: Buffer): void => {
    const bytes = this.#held ? Buffer.concat([this.#held, chunk]) : chunk;
    // One request at a time: what is sent ahead waits, at most one chunk of it here.
    if (this.#reply) {
      this.#held = this.#own(bytes);
      this.socket.pause();
    } else this.#read(bytes);
  };

  readonly #goOn = (): void => {
    if (this.#reply || this.socket.destroyed) return;
    // Who does not read its answers gets no more of them.
    if (this.socket.writableNeedDrain) {
      this.socket.pause();
      this.socket.once('drain', this.#goOn);
      return;
    }
    const held = this.#held;
    this.#held = undefined;
    if (held) this.#read(held);
    if (!this.#reply && this.socket.isPaused()) this.socket.resume();
  };

  #read(bytes: Buffer): void {
    const head = this.#headOf(bytes);
    if (head === 'doubt') return this.#handOver(bytes);
    const end = head === 'partial' ? Infinity : head.size + head.bodySize;
    if (head === 'partial' || bytes.length < end) {
      if (!this.#held) this.#quietSince = this.#rules.now();
      this.#held = this.#own(bytes);
      return;
    }
    this.#held = bytes.length > end ? this.#own(bytes.subarray(end)) : undefined;
    this.#reply = new LaneReply(this);
    this.#rules.post(head.request, this.#reply, bytes.toString('utf8', head.size, end));
  }

  #headOf(bytes: Buffer): PlainHead | 'partial' | 'doubt' {
    const known = this.#known;
    const size = known?.bytes.length ?? 0;
    if (known && bytes.length >= size && bytes.compare(known.bytes, 0, size, 0, size) === 0)
      return known.head;
    const head = readPlainHead(bytes, this.socket);
    if (typeof head === 'object') {
      // Not from the pool, a piece of which it would hold as long as the connection lives.
      const copy = Buffer.allocUnsafeSlow(head.size);
      bytes.copy(copy, 0, 0, head.size);
      this.#known = { bytes: copy, head };
    }
    return head;
  }

  #handOver(unread: Buffer): void {
    const { socket } = this;
    socket.off('data', this.#take);
    socket.off('end', this.#end);
    socket.off('error', ignore);
    socket.off('timeout', this.#cut);
    socket.off('close', this.#leave);
    socket.setTimeout(0);
    readAlone(socket);
    this.#rules.handOver(this, this.#own(unread));
  }

  #own(bytes: Buffer): Buffer {
    return this.#isShared ? Buffer.from(bytes) : bytes;
  }

  /** As node's server does: who has said the last word hears none. */
  readonly #end = (): void => void this.socket.end();
  readonly #cut = (): void => void this.socket.destroy();
  readonly #leave = (): void => this.#reply?.leave();
}

function ignore(): void {}
