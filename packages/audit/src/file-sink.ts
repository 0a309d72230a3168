import { mkdir, unlink } from 'node:fs/promises';

import { createAuditKey } from './audit-key.ts';
import type { AuditNotice } from './audit-notice.ts';
import { GENESIS } from './chain-line.ts';
import { createChainWriter } from './chain-writer.ts';
import type { ControlFields, OpenedFields } from './control-line.ts';
import { createHeadFile } from './head-file.ts';
import { recoverChain } from './recover-chain.ts';
import { renderFields } from './render-entry.ts';
import { expiredLogs } from './retention.ts';
import { hostIdOf } from './trail-files.ts';

/** Where sealed lines end up. */
export interface AuditSink {
  /**
   * Writes lines, each given as the members of its JSON object from `ts` on, and resolves when they are on disk. After a
   * rejection the same lines must come again, first: the sink knows which of them were written all the same.
   */
  append(lines: readonly string[]): Promise<void>;
  /** Ends the chain in order, for now. */
  close(): Promise<void>;
}

export interface FileSinkOptions {
  /** Is made when it is not there, for this user only. */
  readonly directory: string;
  /** Names the chain. Every process that writes at the same time needs another one: the name of the machine, for example. */
  readonly hostId: string;
  /** Secrets of at least 32 bytes; the first one writes, all read. */
  readonly keys: readonly [Uint8Array, ...Uint8Array[]];
  readonly maxFileBytes?: number;
  /** Files whose last line is older are deleted, and a line says so. */
  readonly retentionMs?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly onNotice?: (notice: AuditNotice) => void;
}

const DAY_MS = 86_400_000;
const DEFAULTS = { maxFileBytes: 104_857_600, retentionMs: 400 * DAY_MS } as const;
const DIRECTORY_MODE = 0o700;

/** Files of lines in a directory: a new one at each start, each day and at `maxFileBytes`; none is ever opened again. */
export function createFileSink(options: FileSinkOptions): AuditSink {
  const { directory, now = Date.now, onNotice = () => undefined } = options;
  const { maxFileBytes, retentionMs } = { ...DEFAULTS, ...options };
  const host = hostIdOf(options.hostId);
  const key = createAuditKey(options.keys[0]);
  const keys = [key, ...options.keys.slice(1).map(createAuditKey)];
  const head = createHeadFile({ directory, host, key, now });
  const writer = createChainWriter({ directory, host, key, head, now });
  const controlLine = (fields: ControlFields): string =>
    `"ts":"${new Date(now()).toISOString()}",${renderFields({ ...fields })}`;
  let landed = 0;

  /** Where the files end, and a new file from there: also after a failure, when nobody knows what was written. */
  async function resume(): Promise<void> {
    await mkdir(directory, { recursive: true, mode: DIRECTORY_MODE });
    const headText = await head.read();
    const found = await recoverChain({ directory, host, keys, headText, since: writer.at().seq });
    // Together, so that lines are counted once, however often what follows fails.
    landed += found.landed;
    writer.goOnAfter(found.at);
    // The head comes first: lines without a head mean that somebody took it away.
    if (headText === undefined && !found.damaged) await head.write(GENESIS);
    const { recovered, damaged } = found;
    await beginFile({ event: 'opened', host, key: key.id, recovered, damaged });
    if (recovered) onNotice({ type: 'recovered', bytes: recovered.bytes });
    if (damaged) onNotice({ type: 'damaged', damage: damaged });
  }

  async function beginFile(opened: OpenedFields): Promise<void> {
    const expired = await expiredLogs({ directory, host }, keys, now() - retentionMs);
    const retention: ControlFields = { event: 'retention', through: expired.through };
    const lines = expired.paths.length === 0 ? [opened] : [opened, retention];
    await writer.begin(lines.map(controlLine));
    for (const path of expired.paths) await unlink(path);
    onNotice({ type: 'head', host, ...writer.at() });
  }

  function isFull({ bytes, sinceMs }: { readonly bytes: number; readonly sinceMs: number }): boolean {
    return bytes >= maxFileBytes || Math.floor(sinceMs / DAY_MS) !== Math.floor(now() / DAY_MS);
  }

  return {
    async append(lines) {
      try {
        const file = writer.file();
        if (!file) await resume();
        else if (lines.length > 0 && isFull(file)) await beginFile({ event: 'opened', host, key: key.id });
        const fresh = lines.slice(landed);
        if (fresh.length > 0) await writer.append(fresh);
        landed = 0;
      } catch (error) {
        await writer.release();
        throw error;
      }
    },
    async close() {
      if (!writer.file()) return;
      try {
        await writer.append([controlLine({ event: 'closed' })]);
        onNotice({ type: 'head', host, ...writer.at() });
      } finally {
        await writer.release();
      }
    },
  };
}
