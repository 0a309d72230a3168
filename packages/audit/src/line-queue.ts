/** Lines that wait for the sink: bounded in number and bytes. What does not fit is counted. */
export interface LineQueue {
  add(line: string): void;
  /** The lines to write next: the same ones again until `written` is called, since the sink may have written a part. */
  batch(): readonly string[];
  written(): void;
  /** Nothing waits and nothing was lost since the last line that said so. */
  isEmpty(): boolean;
  /** Less than three quarters full, and nothing was lost since the last line that said so. */
  hasRoom(): boolean;
  /** Lines that wait, and those that were lost without a line that says so. */
  count(): number;
}

export interface LineQueueOptions {
  readonly maxLines: number;
  readonly maxBytes: number;
  /** Makes the line that says how many were lost. */
  readonly lostLine: (count: number) => string;
}

const MAX_BATCH_BYTES = 262_144;
/** Reads go on while the queue fills up; writes stop before it is full. */
const ROOM_SHARE = 0.75;

export function createLineQueue({ maxLines, maxBytes, lostLine }: LineQueueOptions): LineQueue {
  const waiting: string[] = [];
  let batch: readonly string[] = [];
  let bytes = 0;
  let lost = 0;

  function push(line: string): void {
    waiting.push(line);
    bytes += Buffer.byteLength(line);
  }

  function takeBatch(): string[] {
    let size = 0;
    const end = waiting.findIndex((line) => (size += Buffer.byteLength(line)) > MAX_BATCH_BYTES);
    return waiting.splice(0, end === -1 ? waiting.length : Math.max(1, end));
  }

  const count = (): number => batch.length + waiting.length + lost;
  return {
    add(line) {
      if (waiting.length >= maxLines || bytes + Buffer.byteLength(line) > maxBytes) lost += 1;
      else push(line);
    },
    batch() {
      // The line about lost ones stands where they would have stood.
      if (lost > 0 && waiting.length === 0 && batch.length === 0) {
        push(lostLine(lost));
        lost = 0;
      }
      if (batch.length === 0) batch = takeBatch();
      return batch;
    },
    written() {
      for (const line of batch) bytes -= Buffer.byteLength(line);
      batch = [];
    },
    isEmpty: () => count() === 0,
    hasRoom: () => lost === 0 && bytes < ROOM_SHARE * maxBytes && waiting.length < ROOM_SHARE * maxLines,
    count,
  };
}
