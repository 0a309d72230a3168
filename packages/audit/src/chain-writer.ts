import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';

import type { AuditKey } from './audit-key.ts';
import { GENESIS, type Position, sealLine } from './chain-line.ts';
import type { HeadFile } from './head-file.ts';
import { logName } from './trail-files.ts';

/** Writes one chain, file after file. */
export interface ChainWriter {
  /** The chain goes on after this line. */
  goOnAfter(position: Position): void;
  /** Ends the file that is open, if any, and begins the next one with these lines. */
  begin(lines: readonly string[]): Promise<void>;
  /** Resolves when the lines are on disk and the head says so. */
  append(lines: readonly string[]): Promise<void>;
  /** Undefined while no file is open. */
  file(): { readonly sinceMs: number; readonly bytes: number } | undefined;
  /** The last line that is on disk. */
  at(): Position;
  release(): Promise<void>;
}

const FILE_MODE = 0o600;

interface OpenFile {
  readonly handle: FileHandle;
  readonly sinceMs: number;
  bytes: number;
}

export function createChainWriter({
  directory,
  host,
  key,
  head,
  now,
}: {
  readonly directory: string;
  readonly host: string;
  readonly key: AuditKey;
  readonly head: HeadFile;
  readonly now: () => number;
}): ChainWriter {
  let file: OpenFile | undefined;
  let at: Position = GENESIS;

  async function begin(lines: readonly string[]): Promise<void> {
    await release();
    const sinceMs = now();
    const path = join(directory, logName(host, sinceMs, at.seq + 1));
    file = { handle: await open(path, 'ax', FILE_MODE), sinceMs, bytes: 0 };
    try {
      await append(lines);
    } catch (error) {
      await unlink(path).catch(() => undefined);
      throw error;
    }
    await syncDirectory(directory);
  }

  /** First the lines, then the head: whatever the head names is on disk. */
  async function append(lines: readonly string[]): Promise<void> {
    if (!file) return;
    await head.read();
    const sealed = sealAll(key, at, lines);
    await file.handle.appendFile(sealed.text);
    await file.handle.datasync();
    file.bytes += Buffer.byteLength(sealed.text);
    await head.write(sealed.at);
    at = sealed.at;
  }

  async function release(): Promise<void> {
    const held = file;
    file = undefined;
    await held?.handle.close().catch(() => undefined);
  }

  return {
    goOnAfter: (position) => void (at = position),
    begin,
    append,
    release,
    file: () => file,
    at: () => at,
  };
}

function sealAll(key: AuditKey, after: Position, lines: readonly string[]): { text: string; at: Position } {
  let at = after;
  let text = '';
  for (const line of lines) {
    const sealed = sealLine(key, at, line);
    text += sealed.text;
    ({ at } = sealed);
  }
  return { text, at };
}

/** The name of a new file is on disk only when its directory is. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
