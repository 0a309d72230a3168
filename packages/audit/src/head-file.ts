import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

import type { AuditKey } from './audit-key.ts';
import { renderHead } from './chain-head.ts';
import type { Position } from './chain-line.ts';
import { AuditError } from './errors.ts';
import { headName } from './trail-files.ts';

/** The file that holds the signed end of a chain. */
export interface HeadFile {
  /**
   * What stands there; undefined when there is no file. Throws `AuditError` `chain_taken` when it is not what this process
   * read or wrote last: two writers of one chain would make each other's lines look forged, and the newer one goes on.
   */
  read(): Promise<string | undefined>;
  /** Exchanges it whole, and resolves when it is on disk. */
  write(at: Position): Promise<void>;
}

const FILE_MODE = 0o600;

export function createHeadFile({
  directory,
  host,
  key,
  now,
}: {
  readonly directory: string;
  readonly host: string;
  readonly key: AuditKey;
  readonly now: () => number;
}): HeadFile {
  const path = join(directory, headName(host));
  let seen: { readonly text: string | undefined } | undefined;

  return {
    async read() {
      const text = await readIfThere(path);
      if (seen && seen.text !== text) throw taken(host);
      seen = { text };
      return text;
    },
    async write(at) {
      const text = renderHead(key, { host, ...at }, new Date(now()).toISOString());
      const handle = await open(`${path}.tmp`, 'w', FILE_MODE);
      try {
        await handle.writeFile(text);
        await handle.datasync();
      } finally {
        await handle.close();
      }
      await rename(`${path}.tmp`, path);
      seen = { text };
    },
  };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function taken(host: string): AuditError {
  return new AuditError(
    'chain_taken',
    `Another process writes the trail of "${host}", or its head was changed: each process needs a host name of its own.`,
  );
}
