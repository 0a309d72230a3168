import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import {
  type AuditEntry,
  auditFiles,
  type AuditNotice,
  type AuditReport,
  type AuditTrail,
  createAuditTrail,
  createFileSink,
  type FileSinkOptions,
  verifyAudit,
  type VerifyOptions,
} from '../src/index.ts';

export const KEY: Uint8Array = new Uint8Array(32).fill(7);
export const OTHER_KEY: Uint8Array = new Uint8Array(32).fill(8);
export const DAY_MS = 86_400_000;
export const START_MS: number = Date.parse('2026-11-21T10:00:00.000Z');

export const CALL: AuditEntry = {
  event: 'call',
  decision: 'allow',
  rule: 'site:eng',
  outcome: 'ok',
  caller: { id: 'caller-1', subject: 'idp|alice', email: 'alice@acme.example' },
  method: 'oauth',
  client: { id: 'client-1', name: 'Claude', redirectHost: 'claude.ai' },
  grant: 'grant-1',
  address: '203.0.113.7',
  addressList: 'ipAllowlist',
  site: 'eng',
  cloudId: '11111111-aaaa-4aaa-8aaa-000000000001',
  product: 'jira',
  tool: 'getJiraIssue',
  access: 'read',
  upstream: { kind: 'oauth', accountId: 'acc-alice' },
  argumentsText: '{"issueIdOrKey":"ENG-1"}',
  resources: ['ENG-1'],
  status: 200,
  latencyMs: 12.3456,
  bytes: 2_048,
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  policyVersion: 'p1',
};

export interface Clock {
  (): number;
  pass(ms: number): void;
}

export function createClock(start: number = START_MS): Clock {
  let time = start;
  return Object.assign(() => time, { pass: (ms: number) => void (time += ms) });
}

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'switchyard-audit-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

export interface Bench {
  readonly trail: AuditTrail;
  readonly notices: AuditNotice[];
  readonly clock: Clock;
}

/** A trail in a directory, written by one replica. */
export function openTrail(directory: string, options: Partial<FileSinkOptions> = {}): Bench {
  const notices: AuditNotice[] = [];
  const onNotice = (notice: AuditNotice): void => void notices.push(notice);
  const clock = createClock();
  const sink = createFileSink({ directory, hostId: 'one', keys: [KEY], now: clock, onNotice, ...options });
  const trail = createAuditTrail({
    sink,
    key: KEY,
    now: options.now ?? clock,
    commitMs: 1,
    retryMs: 5,
    onNotice,
  });
  onTestFinished(() => trail.close());
  return { trail, notices, clock };
}

/** Writes events in one commit each. */
export async function write(trail: AuditTrail, count: number, entry: AuditEntry = CALL): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    trail.record({ ...entry, traceId: `trace-${index}` });
    await trail.flush();
  }
}

export async function verify(directory: string, options: Partial<VerifyOptions> = {}): Promise<AuditReport> {
  return verifyAudit({ files: await auditFiles([directory]), keys: [KEY], ...options });
}

export function kindsOf({ findings }: AuditReport): string[] {
  return [...new Set(findings.map(({ kind }) => kind))];
}

/** Name to content. */
export type Files = Readonly<Record<string, Buffer>>;

export async function readAll(directory: string): Promise<Files> {
  const names = (await readdir(directory)).sort();
  const entries = names.map(async (name) => [name, await readFile(join(directory, name))] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** Makes the directory hold these files and no others. */
export async function writeFiles(directory: string, files: Files): Promise<void> {
  for (const name of await readdir(directory)) if (!(name in files)) await rm(join(directory, name));
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
}

export async function logNames(directory: string): Promise<string[]> {
  return (await readdir(directory)).filter((name) => name.endsWith('.jsonl')).sort();
}

/** The lines of all files of a directory, parsed. */
export async function readLinesOf(directory: string): Promise<Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = [];
  for (const name of await logNames(directory)) {
    const text = await readFile(join(directory, name), 'utf8');
    // What follows the last newline is what a crash left.
    for (const line of text.split('\n').slice(0, -1)) lines.push(JSON.parse(line) as Record<string, unknown>);
  }
  return lines;
}
