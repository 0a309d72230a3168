import { createSseScanner, endsInBrace, placeOfId, type SseScanner } from '@switchyard/wire';

import type { Deadline } from './deadline.ts';
import type { KeptSockets, PostSink } from './kept-sockets.ts';
import { type Lease, lend } from './lent-bytes.ts';
import { type Flow, HELD_BYTES, type PassedAnswer, passOn, WINDOW_BYTES } from './passed-answer.ts';
import type { ResponseHead } from './response-head.ts';
import type { Session } from './session.ts';
import type { LargeAnswerReader, UpstreamAnswer } from './target.ts';
import { fromStatus, fromTransport, UpstreamError } from './upstream-error.ts';

/** One POST to an endpoint, and what its answer must be. */
export interface Exchange {
  readonly session: Pick<Session, 'era' | 'url'>;
  /** Header lines. */
  readonly headers: string;
  readonly body: string;
  /** The id's JSON text inside `body`. */
  readonly idText: string;
  readonly deadline: Deadline;
  /** A bound for one answer, in bytes. */
  readonly maxBytes: number;
  readonly onHead?: (head: ResponseHead) => void;
  readonly onMessage: ((message: Buffer) => void) | undefined;
  /** Takes a large result while it arrives. */
  readonly reader?: LargeAnswerReader | undefined;
  /** Told before the rejection. */
  readonly onFailure: (error: UpstreamError) => void;
}

/** Sends it and waits for its answer, whether that comes as JSON or as server-sent events. Rejects with UpstreamError. */
export function exchange(sockets: KeptSockets, request: Exchange): Promise<UpstreamAnswer> {
  return new Promise((resolve, reject) => {
    const { reason } = request.deadline;
    if (reason) reject(reason);
    else new ExchangeUnderWay(request, { resolve, reject }).start(sockets);
  });
}

const LINGER_MS = 5_000;

interface Settling {
  readonly resolve: (answer: UpstreamAnswer) => void;
  readonly reject: (error: UpstreamError) => void;
}

/** Hears of one exchange until it is settled. A class because it is made for every call. */
class ExchangeUnderWay implements PostSink {
  readonly #request: Exchange;
  readonly #settling: Settling;
  readonly #answer: AnswerReader;
  #giveUp: () => void = ignore;
  #linger: NodeJS.Timeout | undefined;

  constructor(request: Exchange, settling: Settling) {
    this.#request = request;
    this.#settling = settling;
    this.#answer = new AnswerReader(request);
  }

  start(sockets: KeptSockets): void {
    const { session, headers, body, deadline } = this.#request;
    this.#giveUp = sockets.post({ url: session.url, headers, body }, this);
    deadline.listen((reason) => {
      this.#giveUp();
      this.#fail(reason);
    });
  }

  head(head: ResponseHead, flow: Flow): void {
    this.#answer.head(head, flow);
  }

  data(chunk: Buffer): void {
    try {
      const early = this.#answer.data(chunk);
      if (!early) return;
      this.#settle(early);
      // A stream that goes on after its answer must not keep the connection for ever.
      this.#linger = setTimeout(this.#giveUp, LINGER_MS).unref();
    } catch (error) {
      this.#giveUp();
      this.#fail(error);
    }
  }

  end(): void {
    clearTimeout(this.#linger);
    try {
      this.#settle(this.#answer.end());
    } catch (error) {
      this.#fail(error);
    }
  }

  failed(error: Error, sent: boolean): void {
    clearTimeout(this.#linger);
    this.#fail(broken(error, this.#request.session.url.host, sent));
  }

  #settle(whole: UpstreamAnswer): void {
    this.#request.deadline.listen(undefined);
    this.#settling.resolve(whole);
  }

  #fail(error: unknown): void {
    const { session, deadline, onFailure } = this.#request;
    const failure = error instanceof UpstreamError ? error : fromTransport(error, session.url.host);
    deadline.listen(undefined);
    onFailure(failure);
    this.#settling.reject(this.#answer.breakOff(failure));
  }
}

function ignore(): void {}

function broken(error: Error, host: string, sent: boolean): UpstreamError {
  const { code, message } = fromTransport(error, host);
  return new UpstreamError(code, message, { mayHaveExecuted: sent, cause: error });
}

/** Puts an answer together from what comes in; each step throws UpstreamError. */
class AnswerReader {
  readonly #request: Exchange;
  #failure: UpstreamError | undefined;
  #scanner: SseScanner | undefined;
  #answer: UpstreamAnswer | undefined;
  #whole: Buffer | undefined;
  #lease: Lease | undefined;
  #chunks: Buffer[] | undefined;
  #size = 0;
  /** Where the rest of a large one comes from, and how long it is. */
  #flow: Flow | undefined;
  #length: number | undefined;
  /** Beyond so many bytes it is passed on, where that can be. */
  #heldBytes = Infinity;
  #passed: PassedAnswer | undefined;

  constructor(request: Exchange) {
    this.#request = request;
  }

  head(head: ResponseHead, flow: Flow): void {
    const { maxBytes, onHead, reader } = this.#request;
    onHead?.(head);
    this.#failure = failureOf(this.#request, head);
    if (head.contentType?.startsWith('text/event-stream')) this.#scanner = createSseScanner(maxBytes);
    else if (head.length !== undefined) this.#expect(head.length);
    if (!reader || head.status >= 300) return;
    this.#flow = flow;
    this.#heldBytes = (this.#length ?? 0) > HELD_BYTES ? WINDOW_BYTES : HELD_BYTES;
  }

  /** One that is too large is refused before it comes. */
  #expect(length: number): void {
    this.#length = length;
    if (length > this.#request.maxBytes && !this.#failure) throw tooLarge(this.#request);
    if (length > HELD_BYTES) return;
    // Only who reads answers while they come says when one has gone out.
    this.#lease = this.#request.reader && lend(length);
    this.#whole = this.#lease?.bytes ?? Buffer.allocUnsafe(length);
  }

  /** The answer itself where it is known before the response ends: the event that has our id. */
  data(chunk: Buffer): UpstreamAnswer | undefined {
    if (this.#answer) return undefined;
    const at = this.#size;
    this.#size += chunk.length;
    if (this.#failure) {
      // The body of a failure tells nothing that the status does not; reading it keeps the connection.
      if (this.#size > MAX_FAILURE_BYTES) throw this.#failure;
      return undefined;
    }
    // Of a stream too: messages without end, each small, would fill the buffer of a slow client.
    if (this.#size > this.#request.maxBytes) throw tooLarge(this.#request);
    if (this.#whole) chunk.copy(this.#whole, at);
    else if (this.#passed) return this.#readOn(this.#passed, chunk);
    else if (this.#scanner) this.#readEvents(scan(this.#request, this.#scanner, Buffer.from(chunk)));
    else (this.#chunks ??= []).push(Buffer.from(chunk));
    if (this.#size > this.#heldBytes && !this.#answer) this.#beginToPass();
    return this.#answer;
  }

  end(): UpstreamAnswer {
    if (this.#failure) throw this.#failure;
    if (this.#answer) return this.#answer;
    const { session } = this.#request;
    if (this.#scanner)
      throw new UpstreamError('garbled', `${session.url.host} ended its stream without an answer`);
    if (this.#passed) return finished(this.#request, this.#passed);
    const whole = this.#whole ?? Buffer.concat(this.#chunks ?? [], this.#size);
    return accepted(this.#request, whole, this.#lease);
  }

  /** What the failure is where a part of the answer has gone out. */
  breakOff(failure: UpstreamError): UpstreamError {
    return this.#passed?.breakOff(failure) ?? failure;
  }

  #beginToPass(): void {
    const { reader, deadline, idText, session } = this.#request;
    const window = this.#scanner ? this.#scanner.begun(HELD_BYTES) : Buffer.concat(this.#chunks ?? []);
    if (!window || !reader || !this.#flow) return;
    const passage = { reader, deadline, flow: this.#flow, idText, era: session.era, length: this.#length };
    this.#passed = passOn(passage, window);
    if (this.#passed) this.#scanner?.take();
    // An event that cannot be passed on may be followed by one that can.
    if (this.#scanner) return;
    this.#chunks = this.#passed ? undefined : [window];
    this.#heldBytes = Infinity;
  }

  #readOn(passed: PassedAnswer, chunk: Buffer): UpstreamAnswer | undefined {
    const [last] = this.#scanner ? scan(this.#request, this.#scanner, chunk) : [];
    passed.push(last ?? this.#scanner?.take() ?? chunk);
    if (last) this.#answer = finished(this.#request, passed);
    return this.#answer;
  }

  #readEvents(events: readonly Buffer[]): void {
    const { idText, onMessage } = this.#request;
    for (const event of events) {
      if (!this.#answer && placeOfId(event, idText) !== -1) this.#answer = accepted(this.#request, event);
      else if (event.length > 0 && !this.#answer) onMessage?.(event);
    }
  }
}

function failureOf({ session }: Exchange, { status, retryAfter }: ResponseHead): UpstreamError | undefined {
  if (status < 400) return undefined;
  const judged = fromStatus(status, retryAfter, session.url.host);
  // Without sessions none can be lost: a modern 404 says in its body that the method is not there.
  return judged?.code === 'session_lost' && session.era === 'modern' ? undefined : judged;
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

/** A body is an answer when it carries the request's id and is a whole object; more would mean to parse the result. */
function accepted({ idText, session: { era, url } }: Exchange, body: Buffer, lease?: Lease): UpstreamAnswer {
  const idAt = placeOfId(body, idText);
  if (idAt !== -1 && endsInBrace(body)) return { body, idText, idAt, era, lease };
  const rewritten = withoutId(body, idText);
  if (rewritten) return { body: rewritten, idText, idAt: ERROR_START.length, era };
  throw noAnswer(url);
}

function finished({ session: { url } }: Exchange, passed: PassedAnswer): UpstreamAnswer {
  const answer = passed.finish();
  if (!answer) throw noAnswer(url);
  return answer;
}

function noAnswer({ host }: URL): UpstreamError {
  return new UpstreamError('garbled', `${host} sent something that is no answer to the request`);
}

const ERROR_START = '{"jsonrpc":"2.0","id":';

/** An error that upstream could not put under the request's id (`"id":null`) is still the answer to this request. */
function withoutId(body: Buffer, idText: string): Buffer | undefined {
  if (body.length > 65_536) return undefined;
  try {
    const message = JSON.parse(body.toString('utf8')) as { id?: unknown; error?: unknown } | null;
    if (typeof message?.error !== 'object' || (message.id !== null && message.id !== undefined))
      return undefined;
    return Buffer.from(`${ERROR_START}${idText},"error":${JSON.stringify(message.error)}}`);
  } catch {
    return undefined;
  }
}
