import { readHead, type ResponseHead } from './response-head.ts';

/** What a parser tells while bytes come in. */
export interface ResponseSink {
  head(head: ResponseHead): void;
  /** A part of the body; the bytes are valid during the call only. */
  data(chunk: Buffer): void;
  /** `reusable`: the connection may carry another request. */
  end(reusable: boolean): void;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const CRLF = Buffer.from('\r\n');
const MAX_HEAD_BYTES = 65_536;
const INTERIM = /^HTTP\/1\.[01] 1\d\d(?: |\r|$)/;
/** Where the status stands, and how that of an interim response begins. */
const STATUS_AT = 9;
const ONE = 0x31;

/** Where in a response the next byte belongs. */
type Place = 'head' | 'length' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer' | 'until-close';

const PLACE_OF = { length: 'length', chunked: 'chunk-size', 'until-close': 'until-close' } as const;

/**
 * Reads one HTTP/1.1 response after the other from a connection: what servers answer to a POST. It
 * does not guess: a head with two lengths or an unknown coding is an error, and ends the connection. The bytes that are
 * pushed need not outlive the call.
 */
export class ResponseParser {
  #place: Place = 'head';
  #held: Buffer | undefined;
  #left = 0;
  #keepAlive = true;

  /** Throws Error on bytes that are no response, or that nobody asked for. */
  push(chunk: Buffer, sink: ResponseSink | undefined): void {
    if (!sink) throw new Error('bytes that nobody asked for');
    let rest: Buffer | undefined = chunk;
    while (rest !== undefined && rest.length > 0) rest = this.#step(rest, sink);
  }

  /** The connection has ended: the end of a body without a length. Throws Error when more had to come. */
  finish(sink: ResponseSink): void {
    if (this.#place !== 'until-close') throw new Error('the connection ended before the response did');
    this.#place = 'head';
    sink.end(false);
  }

  /** Reads on; returns what is left for the next step, or undefined when more must come. */
  #step(chunk: Buffer, sink: ResponseSink): Buffer | undefined {
    switch (this.#place) {
      case 'head':
        return this.#readHead(chunk, sink);
      case 'length':
      case 'chunk':
        return this.#readBody(chunk, sink);
      case 'until-close':
        sink.data(chunk);
        return undefined;
      case 'chunk-size':
      case 'chunk-end':
      case 'trailer':
        return this.#readLine(chunk, sink);
    }
  }

  #readHead(chunk: Buffer, sink: ResponseSink): Buffer | undefined {
    const bytes = this.#withHeld(chunk);
    const at = bytes.indexOf(HEAD_END);
    if (at === -1) return this.#hold(bytes);
    const rest = bytes.subarray(at + HEAD_END.length);
    const text = bytes.toString('latin1', 0, at);
    // An interim response (1xx) comes before the real one and has no body, whatever it says.
    if (text.charCodeAt(STATUS_AT) === ONE && INTERIM.test(text)) return rest;
    const { head, framing } = readHead(text);
    const { kind, length, keepAlive } = framing;
    this.#keepAlive = keepAlive;
    this.#place = PLACE_OF[kind];
    this.#left = length;
    sink.head(head);
    return kind === 'length' && length === 0 ? this.#end(sink, rest) : rest;
  }

  #readBody(chunk: Buffer, sink: ResponseSink): Buffer | undefined {
    const body = chunk.length > this.#left ? chunk.subarray(0, this.#left) : chunk;
    this.#left -= body.length;
    sink.data(body);
    if (this.#left > 0) return undefined;
    const rest = chunk.subarray(body.length);
    if (this.#place === 'length') return this.#end(sink, rest);
    this.#place = 'chunk-end';
    return rest;
  }

  #readLine(chunk: Buffer, sink: ResponseSink): Buffer | undefined {
    const bytes = this.#withHeld(chunk);
    const at = bytes.indexOf(CRLF);
    if (at === -1) return this.#hold(bytes);
    const line = bytes.toString('latin1', 0, at);
    const rest = bytes.subarray(at + CRLF.length);
    if (this.#place === 'trailer') return line === '' ? this.#end(sink, rest) : rest;
    if (this.#place === 'chunk-end') this.#afterChunk(line);
    else this.#beforeChunk(line);
    return rest;
  }

  #beforeChunk(line: string): void {
    const size = /^([0-9a-f]{1,8})[ \t]*(?:;|$)/i.exec(line)?.[1];
    if (size === undefined) throw new Error('a chunk without a size');
    this.#left = Number.parseInt(size, 16);
    this.#place = this.#left === 0 ? 'trailer' : 'chunk';
  }

  #afterChunk(line: string): void {
    if (line !== '') throw new Error('a chunk that is longer than it says');
    this.#place = 'chunk-size';
  }

  #end(sink: ResponseSink, rest: Buffer): undefined {
    if (rest.length > 0) throw new Error('bytes after the end of a response');
    this.#place = 'head';
    sink.end(this.#keepAlive);
  }

  #withHeld(chunk: Buffer): Buffer {
    const whole = this.#held ? Buffer.concat([this.#held, chunk]) : chunk;
    this.#held = undefined;
    return whole;
  }

  #hold(bytes: Buffer): undefined {
    if (bytes.length > MAX_HEAD_BYTES) throw new Error('a head or a chunk line without end');
    this.#held = Buffer.from(bytes);
  }
}
