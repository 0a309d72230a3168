import { join } from 'node:path';

import type { AuditKey } from './audit-key.ts';
import { type OpenedLine, openWithAny } from './chain-line.ts';
import { firstLine } from './read-lines.ts';
import { logsOf } from './trail-files.ts';

/** Files that may be deleted, oldest first, and the number of the last line in them. */
export interface Expired {
  readonly paths: readonly string[];
  readonly through: number;
}

/**
 * The files of a chain that ended before a time, in milliseconds since 1970: a file ends where the next one begins. The
 * sealed time counts, since names can be changed by anybody who can write there.
 */
export async function expiredLogs(
  { directory, host }: { readonly directory: string; readonly host: string },
  keys: readonly AuditKey[],
  beforeMs: number,
): Promise<Expired> {
  const logs = await logsOf(directory, host);
  const paths: string[] = [];
  let through = 0;
  for (const [index, name] of logs.entries()) {
    const next = await beginningOf(directory, logs[index + 1], keys);
    if (!next || next.timeMs > beforeMs) break;
    paths.push(join(directory, name));
    through = next.position.seq - 1;
  }
  return { paths, through };
}

async function beginningOf(
  directory: string,
  name: string | undefined,
  keys: readonly AuditKey[],
): Promise<OpenedLine | undefined> {
  const first = name === undefined ? undefined : await firstLine(join(directory, name));
  return first && openWithAny(keys, first.bytes);
}
