/** Takes the `data` of each event out of a stream of server-sent events, whatever the chunks are. */
export interface SseScanner {
  /** The data of the events that this chunk completes, in order. Throws RangeError past the bound. */
  push(chunk: Buffer): Buffer[];
}

const LF = 0x0a;
const CR = 0x0d;
const DATA = Buffer.from('data:');
const EMPTY = Buffer.alloc(0);
const BYTE_ORDER_MARK = Buffer.from('\uFEFF');

/** `maxEventBytes` bounds what one unfinished event may hold in memory. */
export function createSseScanner(maxEventBytes: number): SseScanner {
  // One buffer that doubles: a list of pieces would cost far more than its bytes when they come one by one.
  let rest: Buffer = EMPTY;
  let held = 0;
  let data: Buffer[] = [];
  let size = 0;
  let afterCr = false;
  let isFirstLine = true;

  function hold(bytes: Buffer): void {
    if (held + bytes.length + size > maxEventBytes)
      throw new RangeError(`an event is longer than ${maxEventBytes} bytes`);
    if (held + bytes.length > rest.length) rest = grown(rest, held + bytes.length);
    bytes.copy(rest, held);
    held += bytes.length;
  }

  function takeLine(end: Buffer): Buffer {
    const line = held === 0 ? end : joined(end);
    if (!isFirstLine) return line;
    isFirstLine = false;
    const mark = BYTE_ORDER_MARK.length;
    return line.subarray(0, mark).equals(BYTE_ORDER_MARK) ? line.subarray(mark) : line;
  }

  function joined(end: Buffer): Buffer {
    hold(end);
    const line = rest.subarray(0, held);
    rest = EMPTY;
    held = 0;
    return line;
  }

  function finishEvent(events: Buffer[]): void {
    if (data.length > 0) events.push(data.length === 1 ? (data[0] ?? DATA) : joinLines(data));
    data = [];
    size = 0;
  }

  function readLine(line: Buffer, events: Buffer[]): void {
    if (line.length === 0) {
      finishEvent(events);
    } else if (line.subarray(0, DATA.length).equals(DATA)) {
      const value = line.subarray(line[DATA.length] === 0x20 ? DATA.length + 1 : DATA.length);
      data.push(value);
      size += value.length;
      hold(EMPTY);
    }
  }

  return {
    push(chunk) {
      const events: Buffer[] = [];
      const nextEnd = lineEnds(chunk);
      let start = afterCr && chunk[0] === LF ? 1 : 0;
      if (chunk.length > 0) afterCr = false;
      for (let end = nextEnd(start); end !== -1; end = nextEnd(start)) {
        readLine(takeLine(chunk.subarray(start, end)), events);
        const isCr = chunk[end] === CR;
        afterCr = isCr && end + 1 === chunk.length;
        start = isCr && chunk[end + 1] === LF ? end + 2 : end + 1;
      }
      if (start < chunk.length) hold(chunk.subarray(start));
      return events;
    },
  };
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
  const newline = Buffer.from('\n');
  return Buffer.concat(lines.flatMap((line, at) => (at === 0 ? [line] : [newline, line])));
}
