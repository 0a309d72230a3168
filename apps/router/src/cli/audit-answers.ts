import { once } from 'node:events';

import {
  AuditError,
  type AuditEvent,
  type AuditFilter,
  auditFiles,
  type AuditRecord,
  type AuditReport,
  type ChainHead,
  exportAudit,
  type ExportFormat,
  queryAudit,
  verifyAudit,
} from '@switchyard/audit';
import { Secret } from '@switchyard/catalogue';

import type { AuditConfig } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import { auditKeyOf } from '../gateway/audit-trail.ts';
import { type ConfigFlags, configPath, readConfigOf } from './config-options.ts';
import { columns, createConsoleIo } from './console-io.ts';
import { CliError, EXIT } from './exit.ts';

type Flags = ConfigFlags & { readonly json?: boolean };
interface ListFlags {
  readonly dir?: readonly string[];
}
export type VerifyFlags = Flags &
  ListFlags & { readonly partial?: boolean; readonly head?: readonly string[] };
export type QueryFlags = Flags & ListFlags & { readonly limit: string };
export type ExportFlags = Flags & ListFlags & { readonly format: ExportFormat };

/** Says whether the trail is whole. Rejects with CliError, ConfigError, as the others do. */
export async function printVerdict(flags: VerifyFlags, env: Environment): Promise<void> {
  const { files, key } = await placeOf(flags, env);
  if (!key) throw new CliError(EXIT.usage, 'The key is needed: --config, or SWITCHYARD_AUDIT_KEY');
  const heads = (flags.head ?? []).map(parseHead);
  const partial = flags.partial === true;
  const report = await reading(verifyAudit({ files, keys: [auditKeyOf(key)], heads, partial }));
  createConsoleIo(flags.json === true).print(report, () => reportLines(report));
  if (!report.ok) process.exitCode = EXIT.failed;
}

export async function printRecords(flags: QueryFlags, env: Environment): Promise<void> {
  const { files } = await placeOf(flags, env);
  const records = await reading(take(queryAudit(files, filterOf(flags)), countOf(flags.limit)));
  createConsoleIo(flags.json === true).print({ records }, () =>
    columns([
      ['TIME', 'EVENT', 'DECISION', 'OUTCOME', 'CALLER', 'SITE', 'TOOL', 'ADDRESS'],
      ...records.map(recordRow),
    ]),
  );
}

export async function printExport(flags: ExportFlags, env: Environment): Promise<void> {
  const { files } = await placeOf(flags, env);
  const format = flags.json === true ? 'jsonl' : flags.format;
  await reading(writeLines(exportAudit(files, { format, filter: filterOf(flags) })));
}

interface Place {
  readonly files: string[];
  readonly key: Secret | undefined;
}

/** Which files are meant, and the key where there is one. Flags beat the environment, the environment beats the file. */
async function placeOf(flags: Flags & ListFlags, env: Environment): Promise<Place> {
  const fromEnvironment = env['SWITCHYARD_AUDIT_KEY'];
  const isConfigured = flags['config'] !== undefined || Boolean(env['SWITCHYARD_CONFIG']);
  const config = isConfigured || !flags.dir ? await auditConfigOf(flags, env) : undefined;
  const key = fromEnvironment ? new Secret(fromEnvironment) : config?.key;
  const paths = flags.dir ?? [config?.directory ?? ''];
  const files = await reading(auditFiles(paths));
  // To have checked nothing must not look like success.
  if (files.length === 0)
    throw new CliError(EXIT.unreachable, `There is no audit trail in ${paths.join(', ')}`);
  return { files, key };
}

async function auditConfigOf(flags: ConfigFlags, env: Environment): Promise<AuditConfig> {
  const { audit } = await readConfigOf(flags, env);
  if (audit) return audit;
  throw new CliError(EXIT.config, `${configPath(flags, env)} has no block "audit", so no trail is written`);
}

async function reading<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    throw new CliError(error.code === 'unreadable' ? EXIT.unreachable : EXIT.usage, error.message);
  }
}

function parseHead(text: string): ChainHead {
  const [, host, seq, mac] = /^([\w-]{1,64}):(\d{1,15}):([\w-]{43})$/.exec(text) ?? [];
  if (host === undefined || mac === undefined)
    throw new CliError(EXIT.usage, '--head: write host:seq:mac, as the log line "audit head" has them');
  return { host, seq: Number(seq), mac };
}

function filterOf(flags: ConfigFlags): AuditFilter {
  const { caller, site, tool, event, outcome, since, until } = flags;
  return {
    caller,
    site,
    tool,
    outcome,
    event: event as AuditEvent | undefined,
    sinceMs: timeOf(since, '--since'),
    untilMs: timeOf(until, '--until'),
  };
}

function timeOf(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(time)) return time;
  throw new CliError(EXIT.usage, `${flag} ${text}: write 2026-11-21 or 2026-11-21T10:00:00Z`);
}

function countOf(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new CliError(EXIT.usage, `--limit ${text}: write a number from 1 to 9999999`);
}

async function take(records: AsyncIterable<AuditRecord>, limit: number): Promise<AuditRecord[]> {
  const taken: AuditRecord[] = [];
  for await (const record of records) {
    taken.push(record);
    if (taken.length === limit) break;
  }
  return taken;
}

/** As fast as whoever reads takes them: an export can be larger than memory. */
async function writeLines(lines: AsyncIterable<string>): Promise<void> {
  for await (const line of lines) {
    if (!process.stdout.write(`${line}\n`)) await once(process.stdout, 'drain');
  }
}

function reportLines({ chains, findings, findingCount }: AuditReport): string[] {
  const summaries = chains.map(
    ({ host, files, lines, firstSeq, lastSeq, recovered, lost, unfinishedBytes }) =>
      `${host}: ${files} file(s), ${lines} line(s), ${firstSeq} to ${lastSeq}` +
      (recovered > 0 ? `, ${recovered} line(s) cut off by a crash` : '') +
      (lost > 0 ? `, ${lost} event(s) lost while it could not be written` : '') +
      (unfinishedBytes > 0 ? ', the last line is not finished' : ''),
  );
  const places = findings.map(({ file, line, message }) => `${printable(file)}:${line}: ${message}`);
  const verdict =
    findingCount === 0 ? 'The trail is whole.' : `The trail is NOT whole: ${findingCount} finding(s).`;
  return [...summaries, ...places, verdict];
}

function recordRow(record: AuditRecord): string[] {
  const { ts, event, decision, outcome, caller, site, tool, target, address } = record;
  const who = caller?.email ?? caller?.subject ?? caller?.id;
  return [ts, event, decision, outcome, who, site, tool ?? target, address].map((text) =>
    printable(text ?? '-'),
  );
}

/** Lines may come from anybody who can write the files: nothing of them steers a terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
}
