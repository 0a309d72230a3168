import { AnswerEnd, KEPT_BYTES, readAnswerStart } from '@switchyard/wire';

import type { Deadline } from './deadline.ts';
import type { LargeAnswer, LargeAnswerReader, LargeAnswerSink, UpstreamAnswer } from './target.ts';
import { UpstreamError } from './upstream-error.ts';

/** Answers up to here are held until they are whole, a length that is announced is believed: what goes wrong can be told, and one write does. */
export const HELD_BYTES = 1_048_576;

/** Of one that says that it is longer, so much is there before it goes on. */
export const WINDOW_BYTES = 262_144;

/** Where the bytes of an answer come from. */
export interface Flow {
  pause(): unknown;
  resume(): unknown;
}

/** An answer of which the first bytes have come, and whom it is for. */
export interface Passage {
  readonly reader: LargeAnswerReader;
  readonly deadline: Deadline;
  readonly flow: Flow;
  readonly idText: string;
  readonly era: 'legacy' | 'modern';
  /** Bytes of the whole answer, where the site said it. */
  readonly length: number | undefined;
}

/** Passes an answer on from here; undefined where it must be whole before anything can be said, or nobody wants it in parts. */
export function passOn(passage: Passage, window: Buffer): PassedAnswer | undefined {
  const idAt = readAnswerStart(window, passage.idText);
  if (idAt === undefined) return undefined;
  const passed = new PassedAnswer(passage, window, idAt);
  return passed.isTaken ? passed : undefined;
}

const FLUSH_MS = 5;

/** What `answerKind` looks at. */
const END_BYTES = 256;
const BETWEEN = Buffer.from('\n');

/** One large answer on its way from its site to its reader, never held whole. */
export class PassedAnswer implements LargeAnswer {
  start: Buffer;
  readonly idAt: number;
  readonly #passage: Passage;
  readonly #end: AnswerEnd;
  readonly #sink: LargeAnswerSink | undefined;
  #size: number;
  #isPaused = false;
  #isOver = false;
  #due: NodeJS.Timeout | undefined;
  readonly #flush = (): void => {
    this.#due = undefined;
    this.#end.flush();
  };

  constructor(passage: Passage, window: Buffer, idAt: number) {
    this.#passage = passage;
    this.#size = window.length;
    this.idAt = idAt;
    this.start = window.subarray(0, window.length - KEPT_BYTES);
    this.#end = new AnswerEnd(idAt === -1 ? passage.idText : undefined, (bytes) => {
      if (!this.#isOver) this.#sink?.write(bytes);
    });
    this.#end.push(window.subarray(this.start.length));
    this.#sink = passage.reader.takeLarge(this);
    // The rest of it is with its reader, and given back as soon as that has read it.
    if (this.#sink) this.start = Buffer.from(this.start.subarray(0, END_BYTES));
    if (this.#sink && !this.#isPaused) passage.deadline.awaitSite();
  }

  get isTaken(): boolean {
    return this.#sink !== undefined;
  }
  get idText(): string {
    return this.#passage.idText;
  }
  get era(): 'legacy' | 'modern' {
    return this.#passage.era;
  }
  get length(): number | undefined {
    return this.#passage.length;
  }

  /** Copies the next bytes. They go on in large pieces, or when no more have come for a moment. */
  push(bytes: Buffer): void {
    this.#size += bytes.length;
    this.#end.push(bytes);
    this.#due ??= setTimeout(this.#flush, FLUSH_MS);
  }

  /** All of it has come. Undefined: it is no answer. */
  finish(): UpstreamAnswer | undefined {
    const end = this.#end.finish();
    if (!end || this.#isOver) return undefined;
    this.#stop();
    this.#sink?.end(end.bytes, end.idAt);
    const { idText, idAt, era } = this;
    const ends = [this.start, BETWEEN, end.bytes.subarray(-END_BYTES)];
    return { body: Buffer.concat(ends), idText, idAt, era, passedOn: this.#size };
  }

  /** The rest will not come: what has gone out cannot be taken back, so its reader must see that it was broken off. */
  breakOff({ code, message, cause }: UpstreamError): UpstreamError {
    if (!this.#isOver) {
      this.#stop();
      this.#sink?.broken();
    }
    return new UpstreamError(code, message, { cause, brokenOff: true });
  }

  pause(maxMs: number): void {
    if (this.#isPaused || this.#isOver) return;
    this.#isPaused = true;
    this.#passage.flow.pause();
    this.#passage.deadline.awaitReader(maxMs);
  }

  resume(): void {
    if (!this.#isPaused || this.#isOver) return;
    this.#isPaused = false;
    this.#passage.deadline.awaitSite();
    this.#passage.flow.resume();
  }

  giveUp(): void {
    if (!this.#isOver) this.#passage.deadline.giveUp();
  }

  /** The connection may carry another answer now. */
  #stop(): void {
    this.#isOver = true;
    clearTimeout(this.#due);
    if (this.#isPaused) this.#passage.flow.resume();
  }
}
