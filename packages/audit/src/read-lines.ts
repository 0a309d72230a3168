import { createReadStream } from 'node:fs';

import { MAX_LINE_BYTES } from './chain-line.ts';
import { AuditError } from './errors.ts';

/** One line as it stands in a file, without its newline. */
export interface RawLine {
  readonly bytes: Buffer;
  /** Counts from 1. */
  readonly number: number;
  /** It ends in a newline: the last one may not. */
  readonly whole: boolean;
}

const CHUNK_BYTES = 65_536;
const NEWLINE = 0x0a;

/** The lines of a file, one at a time. A longer line than any of ours is cut to one byte more. Throws `AuditError` `unreadable`. */
export async function* readLines(path: string): AsyncGenerator<RawLine> {
  let rest: Buffer = Buffer.alloc(0);
  let number = 0;
  for await (const chunk of chunksOf(path)) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      yield { bytes: joined(rest, chunk.subarray(start, end)), number: ++number, whole: true };
      rest = Buffer.alloc(0);
      start = end + 1;
    }
    rest = joined(rest, chunk.subarray(start));
  }
  if (rest.length > 0) yield { bytes: rest, number: number + 1, whole: false };
}

export async function firstLine(path: string): Promise<RawLine | undefined> {
  for await (const line of readLines(path)) return line;
  return undefined;
}

function joined(rest: Buffer, more: Buffer): Buffer {
  if (rest.length === 0) return more;
  return rest.length > MAX_LINE_BYTES ? rest : Buffer.concat([rest, more.subarray(0, MAX_LINE_BYTES + 1)]);
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>;
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** A failure of the file system as an error of ours: the path and the code, nothing else. */
export function unreadable(path: string, error: unknown): AuditError {
  return new AuditError('unreadable', `${path} cannot be read (${codeOf(error)})`);
}

/** `ENOSPC`, `EACCES` …, or the class of an error that has no code. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error ? String(error.code) : error.name;
}
