import { connect as connectPlain, isIP, type OnReadOpts, type Socket } from 'node:net';
import { platform } from 'node:process';
import { connect as connectTls } from 'node:tls';

import type { PostRequest, PostSink } from './kept-sockets.ts';
import { ResponseParser, type ResponseSink } from './response-parser.ts';
import { UpstreamError } from './upstream-error.ts';

/** A request on its way: waiting for a connection, on one, or over. */
export interface Job {
  readonly request: PostRequest;
  /** Request line and host. */
  readonly start: string;
  readonly sink: PostSink;
  connection: Connection | undefined;
  /** Bytes of it may have left this process. */
  isSent: boolean;
  isOver: boolean;
}

interface Connection {
  readonly socket: Socket;
  readonly parser: ResponseParser;
  job: Job | undefined;
  idleMs: number;
  idleUntil: number;
}

/** Servers close idle connections after five seconds or more; ours are given up before. */
const IDLE_MS = 4_000;

/** Requests that wait for a connection to one origin; each has a deadline of its own. */
const MAX_WAITING = 4_096;

/** The connections to one origin, each used for one request at a time. */
export class OriginSockets {
  readonly #idle: Connection[] = [];
  readonly #waiting: Job[] = [];
  readonly #open = new Set<Connection>();
  readonly #max: number;
  readonly #connectTimeoutMs: number;

  constructor(options: { readonly maxPerOrigin: number; readonly connectTimeoutMs: number }) {
    this.#max = options.maxPerOrigin;
    this.#connectTimeoutMs = options.connectTimeoutMs;
  }

  start(job: Job): void {
    const connection = this.#takeIdle();
    if (connection) send(connection, job);
    else if (this.#open.size >= this.#max) this.#wait(job);
    else this.#openFor(job);
  }

  #wait(job: Job): void {
    if (this.#waiting.length < MAX_WAITING) return void this.#waiting.push(job);
    const { host } = job.request.url;
    const full = new UpstreamError('unavailable', `too many requests wait for a connection to ${host}`);
    // Whoever sends must be able to give up first.
    queueMicrotask(() => fail(job, full));
  }

  /** Nobody waits for it any more: its connection cannot be used again. */
  giveUp(job: Job): void {
    if (job.isOver) return;
    job.isOver = true;
    remove(this.#waiting, job);
    job.connection?.socket.destroy();
  }

  closeIdle(now: number): void {
    for (const { socket } of this.#idle.filter(({ idleUntil }) => idleUntil <= now)) socket.end();
  }

  close(): void {
    for (const job of this.#waiting.splice(0)) fail(job, new Error('closed'));
    for (const { socket } of this.#open) socket.destroy();
  }

  #takeIdle(): Connection | undefined {
    const now = Date.now();
    for (let connection = this.#idle.pop(); connection; connection = this.#idle.pop()) {
      if (connection.idleUntil > now && connection.socket.writable) return connection;
      connection.socket.destroy();
    }
    return undefined;
  }

  #openFor(job: Job): void {
    const { url } = job.request;
    const read: Reader = { push: ignore };
    const socket = connect(url, this.#connectTimeoutMs, read);
    const connection: Connection = {
      socket,
      parser: new ResponseParser(),
      job,
      idleMs: IDLE_MS,
      idleUntil: 0,
    };
    job.connection = connection;
    this.#open.add(connection);
    socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
      socket.setTimeout(0);
      if (connection.job === job && !job.isOver) send(connection, job);
    });
    this.#watch(connection, read);
  }

  #watch(connection: Connection, read: Reader): void {
    const { socket, parser } = connection;
    const sink = this.#sinkOf(connection);
    const refuse = (error: unknown): void => void socket.destroy(error instanceof Error ? error : undefined);
    let failure: Error | undefined;
    read.push = (chunk) => {
      try {
        parser.push(chunk, connection.job && sink);
      } catch (error) {
        refuse(error);
      }
    };
    socket.on('end', () => {
      try {
        if (connection.job) parser.finish(sink);
      } catch (error) {
        refuse(error);
      }
    });
    socket.on('error', (error) => void (failure = error));
    socket.on('close', () => {
      this.#open.delete(connection);
      remove(this.#idle, connection);
      if (connection.job) fail(connection.job, failure ?? new Error('the connection was closed'));
      this.#next();
    });
  }

  #sinkOf(connection: Connection): ResponseSink {
    return {
      head(head) {
        connection.idleMs = Math.min(IDLE_MS, ((head.keepAliveSeconds ?? 5) - 1) * 1_000);
        connection.job?.sink.head(head, connection.socket);
      },
      data: (chunk) => connection.job?.sink.data(chunk),
      end: (reusable) => this.#finish(connection, reusable),
    };
  }

  #finish(connection: Connection, reusable: boolean): void {
    const { job } = connection;
    connection.job = undefined;
    if (reusable && connection.idleMs > 0) {
      connection.idleUntil = Date.now() + connection.idleMs;
      this.#idle.push(connection);
    } else {
      connection.socket.end();
    }
    if (job && !job.isOver) {
      job.isOver = true;
      job.sink.end();
    }
    this.#next();
  }

  #next(): void {
    const job = this.#waiting.shift();
    if (job) this.start(job);
  }
}

/** Who gets the bytes of a connection. */
interface Reader {
  push: (chunk: Buffer) => void;
}

const READ_BYTES = 65_536;
/** Bytes are told within the read that brings them, so one place for all connections does; Windows reads ahead. */
const shared = Buffer.allocUnsafeSlow(READ_BYTES);
const readBuffer = (): Buffer => (platform === 'win32' ? Buffer.allocUnsafeSlow(READ_BYTES) : shared);

/** Reads into one buffer: a fresh one for each read would cost more than what is done with it. */
function connect(url: URL, timeoutMs: number, read: Reader): Socket {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isTls = url.protocol === 'https:';
  const port = Number(url.port || (isTls ? 443 : 80));
  const onread: OnReadOpts = {
    buffer: readBuffer(),
    callback(size, bytes) {
      read.push(Buffer.from(bytes.buffer, bytes.byteOffset, size));
      return true;
    },
  };
  const to = { host, port, onread };
  const socket = isTls
    ? connectTls({ ...to, ALPNProtocols: ['http/1.1'], ...(isIP(host) === 0 && { servername: host }) })
    : connectPlain(to);
  socket.setNoDelay(true);
  // The error is made when it is needed: its stack would hold the first answer as long as the connection lives.
  return socket.setTimeout(timeoutMs, () =>
    socket.destroy(Object.assign(new Error('connect timeout'), { code: 'ETIMEDOUT' })),
  );
}

function send(connection: Connection, job: Job): void {
  const { headers, body } = job.request;
  const size = Buffer.byteLength(body);
  connection.job = job;
  job.connection = connection;
  job.isSent = true;
  // Headers are visible ASCII: where the body is too, the cheaper encoding is the same bytes.
  connection.socket.write(
    `${job.start}${headers}content-length: ${size}\r\n\r\n${body}`,
    size === body.length ? 'latin1' : 'utf8',
  );
}

function fail(job: Job, error: Error): void {
  if (job.isOver) return;
  job.isOver = true;
  job.sink.failed(error, job.isSent);
}

function ignore(): void {}

function remove<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at !== -1) list.splice(at, 1);
}
