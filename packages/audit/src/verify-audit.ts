import { readFile } from 'node:fs/promises';

import { type AuditKey, createAuditKey } from './audit-key.ts';
import { type ChainHead, parseHead } from './chain-head.ts';
import { openWithAny } from './chain-line.ts';
import { type ChainReport, createChainVerifier } from './chain-verifier.ts';
import { readControl } from './control-line.ts';
import { type AuditFinding, createFindings, type Findings } from './findings.ts';
import { firstLine, readLines, unreadable } from './read-lines.ts';
import { headHostOf, logHostOf } from './trail-files.ts';

/** What a verification found out. */
export interface AuditReport {
  readonly ok: boolean;
  /** One for each replica that wrote. */
  readonly chains: readonly ChainReport[];
  /** The first hundred; `findingCount` counts all. */
  readonly findings: readonly AuditFinding[];
  readonly findingCount: number;
}

export interface VerifyOptions {
  /** Files of the trail and their heads: see `auditFiles`. */
  readonly files: readonly string[];
  /** Secrets that the trail was or is written with. */
  readonly keys: readonly Uint8Array[];
  /** Heads that were kept elsewhere, as the log showed them. */
  readonly heads?: readonly ChainHead[];
  /** Some files of a longer trail: neither its beginning nor its end is asked for. */
  readonly partial?: boolean;
}

interface LogFile {
  readonly path: string;
  readonly host: string;
  /** Number of its first line; files without a header come last. */
  readonly seq: number;
}

/**
 * Reads a whole trail, one line at a time, and says whether every line is as it was written, in its place, with none
 * missing. Throws `AuditError` `unreadable` when a file cannot be read.
 */
export async function verifyAudit(options: VerifyOptions): Promise<AuditReport> {
  const keys = options.keys.map(createAuditKey);
  const findings = createFindings();
  const heads = await readHeads(options.files, keys);
  const logs = await readHeaders(options.files, keys);
  const hosts = new Set([...logs.map(({ host }) => host), ...heads.keys()]);
  const chains: ChainReport[] = [];
  for (const host of [...hosts].sort()) {
    const head = heads.get(host);
    const partial = options.partial === true;
    reportHead(findings, { host, head, partial });
    const kept = (options.heads ?? []).filter((each) => each.host === host);
    const signed = head?.signed ? [...kept, head.signed] : kept;
    const verifier = createChainVerifier({ host, keys, signed, partial, findings });
    for (const { path } of logs.filter((log) => log.host === host)) {
      verifier.beginFile(path);
      for await (const line of readLines(path)) verifier.line(line);
    }
    chains.push(verifier.finish());
  }
  const findingCount = findings.count();
  return { ok: findingCount === 0, chains, findings: findings.list, findingCount };
}

interface HeadFile {
  readonly path: string;
  readonly signed: ChainHead | undefined;
}

async function readHeads(
  files: readonly string[],
  keys: readonly AuditKey[],
): Promise<Map<string, HeadFile>> {
  const heads = new Map<string, HeadFile>();
  for (const path of files) {
    const host = headHostOf(path);
    if (host === undefined) continue;
    const signed = parseHead(keys, await readText(path));
    heads.set(host, { path, signed: signed?.host === host ? signed : undefined });
  }
  return heads;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw unreadable(path, error);
  }
}

function reportHead(
  findings: Findings,
  { host, head, partial }: { host: string; head: HeadFile | undefined; partial: boolean },
): void {
  if (head && !head.signed) findings.add('head_invalid', { file: head.path, line: 0 });
  if (!head && !partial) findings.add('head_missing', { file: host, line: 0 });
}

/** The order of the files is that of their headers: names are no proof. */
async function readHeaders(files: readonly string[], keys: readonly AuditKey[]): Promise<LogFile[]> {
  const logs: LogFile[] = [];
  for (const path of files) {
    if (headHostOf(path) === undefined) logs.push(await readHeader(path, keys));
  }
  return logs.sort((one, other) => one.seq - other.seq);
}

async function readHeader(path: string, keys: readonly AuditKey[]): Promise<LogFile> {
  const nameless = { path, host: logHostOf(path) ?? path, seq: Number.MAX_SAFE_INTEGER };
  const first = await firstLine(path);
  const opened = first && openWithAny(keys, first.bytes);
  const control = opened && readControl(opened.event, first.bytes);
  return opened && control?.event === 'opened'
    ? { path, host: control.host, seq: opened.position.seq }
    : nameless;
}
