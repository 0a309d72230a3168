/** Takes the `data` of each event out of a stream of server-sent events, whatever the chunks are. */
export interface SseScanner {
  /** The data of the events that this chunk completes, in order. Throws RangeError past the bound. */
  push(chunk: Buffer): Buffer[];
  /** What has come of an event that is one line so far, once that is this long; undefined otherwise. Valid until the next push. */
  begun(least: number): Buffer | undefined;
  /** All that has come of the event, which is forgotten here: its end alone will be among the events. */
  take(): Buffer;
}

const LF = 0x0a;
const CR = 0x0d;
const DATA = Buffer.from('data:');
const EMPTY = Buffer.alloc(0);
const BYTE_ORDER_MARK = Buffer.from('\uFEFF');

/** `maxEventBytes` bounds what one unfinished event may hold in memory. */
export function createSseScanner(maxEventBytes: number): SseScanner {
  return new Scanner(maxEventBytes);
}

/** A class because it is made for every answer that comes as events. */
class Scanner implements SseScanner {
  readonly #maxEventBytes: number;
  // One buffer that doubles: a list of pieces would cost far more than its bytes when they come one by one.
  #rest: Buffer = EMPTY;
  #held = 0;
  #data: Buffer[] = [];
  #size = 0;
  #afterCr = false;
  #isFirstLine = true;
  /** The beginning of this line was taken: what follows is data. */
  #isTaken = false;

  constructor(maxEventBytes: number) {
    this.#maxEventBytes = maxEventBytes;
  }

  push(chunk: Buffer): Buffer[] {
    const events: Buffer[] = [];
    const nextEnd = lineEnds(chunk);
    let start = this.#afterCr && chunk[0] === LF ? 1 : 0;
    if (chunk.length > 0) this.#afterCr = false;
    for (let end = nextEnd(start); end !== -1; end = nextEnd(start)) {
      this.#readLine(this.#takeLine(chunk.subarray(start, end)), events);
      const isCr = chunk[end] === CR;
      this.#afterCr = isCr && end + 1 === chunk.length;
      start = isCr && chunk[end + 1] === LF ? end + 2 : end + 1;
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start));
    return events;
  }

  begun(least: number): Buffer | undefined {
    return this.#held < least || this.#data.length > 0 ? undefined : this.#unfinished();
  }

  take(): Buffer {
    const line = this.#unfinished();
    const taken = joinLines(line ? [...this.#data, line] : this.#data);
    // A line that was taken whole still ends before the next one begins.
    this.#data = line || this.#data.length === 0 ? [] : [EMPTY];
    this.#size = 0;
    if (line) {
      this.#isTaken = true;
      this.#isFirstLine = false;
      this.#rest = EMPTY;
      this.#held = 0;
    }
    return taken;
  }

  /** The data of the line that is not whole yet. */
  #unfinished(): Buffer | undefined {
    const line = this.#rest.subarray(0, this.#held);
    if (this.#isTaken) return line;
    return this.#held > DATA.length ? valueOf(line) : undefined;
  }

  #hold(bytes: Buffer): void {
    const held = this.#held + bytes.length;
    if (held + this.#size > this.#maxEventBytes)
      throw new RangeError(`an event is longer than ${this.#maxEventBytes} bytes`);
    if (held > this.#rest.length) this.#rest = grown(this.#rest, held);
    bytes.copy(this.#rest, this.#held);
    this.#held = held;
  }

  #takeLine(end: Buffer): Buffer {
    const line = this.#held === 0 ? end : this.#joined(end);
    if (!this.#isFirstLine) return line;
    this.#isFirstLine = false;
    const mark = BYTE_ORDER_MARK.length;
    return line.subarray(0, mark).equals(BYTE_ORDER_MARK) ? line.subarray(mark) : line;
  }

  #joined(end: Buffer): Buffer {
    this.#hold(end);
    const line = this.#rest.subarray(0, this.#held);
    this.#rest = EMPTY;
    this.#held = 0;
    return line;
  }

  #readLine(line: Buffer, events: Buffer[]): void {
    if (line.length === 0 && !this.#isTaken) return this.#finishEvent(events);
    const value = this.#isTaken ? line : valueOf(line);
    this.#isTaken = false;
    if (!value) return;
    this.#data.push(value);
    this.#size += value.length;
    this.#hold(EMPTY);
  }

  #finishEvent(events: Buffer[]): void {
    if (this.#data.length > 0) events.push(joinLines(this.#data));
    this.#data = [];
    this.#size = 0;
  }
}

/** The value of a line that is data. */
function valueOf(line: Buffer): Buffer | undefined {
  if (!line.subarray(0, DATA.length).equals(DATA)) return undefined;
  return line.subarray(line[DATA.length] === 0x20 ? DATA.length + 1 : DATA.length);
}

/** The next CR or LF from a place on. Each is searched once, not once a line: lines of one kind only stay linear. */
function lineEnds(chunk: Buffer): (start: number) => number {
  let lf = chunk.indexOf(LF);
  let cr = chunk.indexOf(CR);
  return (start) => {
    if (lf !== -1 && lf < start) lf = chunk.indexOf(LF, start);
    if (cr !== -1 && cr < start) cr = chunk.indexOf(CR, start);
    if (lf === -1 || cr === -1) return Math.max(lf, cr);
    return Math.min(lf, cr);
  };
}

function grown(buffer: Buffer, least: number): Buffer {
  const larger = Buffer.allocUnsafe(Math.max(2 * buffer.length, least));
  buffer.copy(larger);
  return larger;
}

function joinLines(lines: readonly Buffer[]): Buffer {
  const [only = EMPTY] = lines;
  if (lines.length <= 1) return only;
  const newline = Buffer.from('\n');
  return Buffer.concat(lines.flatMap((line, at) => (at === 0 ? [line] : [newline, line])));
}
