import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { unreadable } from './read-lines.ts';

/** `<host>.<time>.<number of its first line>.jsonl`: in the order of their names, files are in the order of their lines. */
const LOG_NAME = /^([\w-]{1,64})\.\d{8}T\d{9}Z\.\d{12}\.jsonl$/;
const HEAD_NAME = /^([\w-]{1,64})\.head$/;

/** A host name as it may stand in names of files: letters, digits, `_` and `-`. */
export function hostIdOf(name: string): string {
  return name.replaceAll(/[^\w-]/g, '-').slice(0, 64) || 'host';
}

export function logName(host: string, sinceMs: number, firstSeq: number): string {
  const time = new Date(sinceMs).toISOString().replaceAll(/[-:.]/g, '');
  return `${host}.${time}.${String(firstSeq).padStart(12, '0')}.jsonl`;
}

export function headName(host: string): string {
  return `${host}.head`;
}

/** Whose file it is by its name; only the lines inside are proof. */
export function logHostOf(path: string): string | undefined {
  return LOG_NAME.exec(basename(path))?.[1];
}

export function headHostOf(path: string): string | undefined {
  return HEAD_NAME.exec(basename(path))?.[1];
}

/** The files of one chain in the order of their lines. */
export async function logsOf(directory: string, host: string): Promise<string[]> {
  const names = await readdir(directory);
  return names.filter((name) => logHostOf(name) === host).sort();
}

/** The files of a trail in these directories, and these files themselves, in the order of their names. Throws `AuditError` `unreadable`. */
export async function auditFiles(paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) found.push(...(await filesAt(path)));
  return found.sort((one, other) => (basename(one) < basename(other) ? -1 : 1));
}

async function filesAt(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = await readdir(path);
    return names.filter((name) => /\.(?:jsonl|head)$/.test(name)).map((name) => join(path, name));
  } catch (error) {
    throw unreadable(path, error);
  }
}
