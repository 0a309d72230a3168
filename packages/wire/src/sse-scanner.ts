/** Takes the `data` of each event out of a stream of server-sent events, whatever the chunks are. */
export interface SseScanner {
  /** The data of the events that this chunk completes, in order. Throws RangeError past the bound. */
  push(chunk: Buffer): Buffer[];
}

const LF = 0x0a;
const CR = 0x0d;
const DATA = Buffer.from('data:');

/** `maxEventBytes` bounds what one unfinished event may hold in memory. */
export function createSseScanner(maxEventBytes: number): SseScanner {
  let rest: Buffer[] = [];
  let held = 0;
  let data: Buffer[] = [];
  let size = 0;
  let afterCr = false;

  function hold(bytes: number): void {
    held += bytes;
    if (held + size > maxEventBytes) throw new RangeError(`an event is longer than ${maxEventBytes} bytes`);
  }

  function takeLine(end: Buffer): Buffer {
    const line = rest.length === 0 ? end : Buffer.concat([...rest, end]);
    rest = [];
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
      hold(0);
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
      if (start < chunk.length) {
        rest.push(chunk.subarray(start));
        hold(chunk.length - start);
      }
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

function joinLines(lines: readonly Buffer[]): Buffer {
  const newline = Buffer.from('\n');
  return Buffer.concat(lines.flatMap((line, at) => (at === 0 ? [line] : [newline, line])));
}
