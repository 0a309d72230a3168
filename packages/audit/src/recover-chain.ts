import { unlink } from 'node:fs/promises';
import { join } from 'node:path';

import type { AuditKey } from './audit-key.ts';
import { type ChainHead, parseHead } from './chain-head.ts';
import { GENESIS, isBegun, isUnfinished, type OpenedLine, openWithAny, type Position } from './chain-line.ts';
import { type Damage, type Remains, remainsOf } from './control-line.ts';
import { firstLine, type RawLine, readLines } from './read-lines.ts';
import { logsOf } from './trail-files.ts';

/** Where a chain goes on. */
export interface Recovery {
  readonly at: Position;
  readonly recovered?: Remains | undefined;
  readonly damaged?: Damage | undefined;
  /** Lines after `since` that the last file holds, without those that the sink adds by itself. */
  readonly landed: number;
}

export interface RecoverOptions {
  readonly directory: string;
  readonly host: string;
  readonly keys: readonly AuditKey[];
  /** What stands in the head's file. */
  readonly headText: string | undefined;
  /** The last line that this process knows to be written, 0 at its start; lines after it are counted. */
  readonly since: number;
}

/** Lines that the sink adds by itself. */
const OF_THE_SINK: readonly string[] = ['opened', 'retention', 'closed'];

/**
 * Finds the end of a chain. What was signed in the head was on disk before: only what follows may have been cut off by a
 * crash. If signed lines are gone, the chain goes on after the head, so that the gap stays visible for ever.
 */
export async function recoverChain(options: RecoverOptions): Promise<Recovery> {
  const { directory, headText, keys } = options;
  const head = headText === undefined ? undefined : parseHead(keys, headText);
  const last = await lastLog(options);
  if (last === undefined) return withoutFiles(headText, head);
  const scan = createScan(options, head);
  for await (const line of readLines(join(directory, last))) scan.line(line);
  const { at, landed, remains, holdsHead } = scan.result();
  if (!head) return { at, landed, damaged: 'head' };
  if (!holdsHead) return { at: head, landed: 0, damaged: 'lines' };
  return remains === 'foreign' ? { at, landed, damaged: 'tail' } : { at, landed, recovered: remains };
}

function withoutFiles(headText: string | undefined, head: ChainHead | undefined): Recovery {
  if (headText === undefined || head?.seq === 0) return { at: GENESIS, landed: 0 };
  return { at: head ?? GENESIS, landed: 0, damaged: head ? 'lines' : 'head' };
}

/** Files that a crash left without even a first line are removed: nothing was in them. */
async function lastLog({ directory, host }: RecoverOptions): Promise<string | undefined> {
  const logs = await logsOf(directory, host);
  for (const name of logs.toReversed()) {
    const first = await firstLine(join(directory, name));
    if (first && (first.whole || !isBegun(first.bytes))) return name;
    await unlink(join(directory, name));
  }
  return undefined;
}

interface ScanResult {
  /** The last good line. */
  readonly at: Position;
  readonly holdsHead: boolean;
  readonly landed: number;
  /** What follows the last good line; `foreign` when no crash explains it. */
  readonly remains: Remains | 'foreign' | undefined;
}

/** Walks the last file of a chain. */
function createScan(
  { keys, since }: RecoverOptions,
  head: ChainHead | undefined,
): { line(line: RawLine): void; result(): ScanResult } {
  let at: Position | undefined;
  let holdsHead = false;
  let landed = 0;
  let remains: ScanResult['remains'];

  function pass(position: Position): void {
    holdsHead ||= position.seq === head?.seq && position.mac === head.mac;
    at = position;
  }

  function take(opened: OpenedLine): void {
    pass(opened.position);
    // At the start of a process `since` is 0 and nothing has been handed to the sink yet.
    if (since > 0 && opened.position.seq > since && !OF_THE_SINK.includes(opened.event)) landed += 1;
  }

  function leave({ bytes, whole }: RawLine): void {
    const isTorn = remains === undefined && !whole && isUnfinished(bytes, at ?? GENESIS);
    remains = isTorn ? remainsOf(bytes) : 'foreign';
  }

  return {
    line(raw) {
      const opened = raw.whole && remains === undefined ? openWithAny(keys, raw.bytes) : undefined;
      if (opened && !at) pass({ seq: opened.position.seq - 1, mac: opened.previous });
      if (opened && at?.seq === opened.position.seq - 1 && at.mac === opened.previous) take(opened);
      else leave(raw);
    },
    result: () => ({ at: at ?? GENESIS, holdsHead, landed, remains }),
  };
}
