import { once } from 'node:events';

import {
  AUDIT_EVENTS,
  AuditError,
  type AuditEvent,
  type AuditFilter,
  auditFiles,
  type AuditRecord,
  type AuditReport,
  type ChainHead,
  EXPORT_FORMATS,
  exportAudit,
  type ExportFormat,
  queryAudit,
  verifyAudit,
} from '@switchyard/audit';
import { Secret } from '@switchyard/catalogue';
import { type Command, Option } from 'commander';

import type { AuditConfig } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import { auditKeyOf } from '../gateway/audit-trail.ts';
import { addConfigOption, type ConfigFlags, configPath, readConfigOf } from './config-options.ts';
import { columns, createConsoleIo } from './console-io.ts';
import { CliError, EXIT } from './exit.ts';

/** What the audit commands take from the environment. */
export const AUDIT_VARIABLES: readonly { variable: string; meaning: string }[] = [
  {
    variable: 'SWITCHYARD_AUDIT_KEY',
    meaning: 'The key of the trail, for `audit verify --dir` without a configuration.',
  },
];

type Flags = ConfigFlags & { readonly json?: boolean };
interface ListFlags {
  readonly dir?: readonly string[];
}
type VerifyFlags = Flags & ListFlags & { readonly partial?: boolean; readonly head?: readonly string[] };
type QueryFlags = Flags & ListFlags & { readonly limit: string };
type ExportFlags = Flags & ListFlags & { readonly format: ExportFormat };

/** `audit verify`, `audit query`, `audit export`: the audit trail, read where its files are. */
export function addAuditCommands(program: Command, env: Environment): void {
  const audit = program.command('audit').description('verify, search and export the audit trail');

  const verify = audit
    .command('verify')
    .description('check that no line was changed, moved or removed; exit 1 when one was');
  addPlaceOptions(verify.option('--json', 'machine-readable output'))
    .option('--head <host:seq:mac...>', 'heads that were kept elsewhere, as the log showed them')
    .option('--partial', 'these are some files of a longer trail: ask neither for its beginning nor its end')
    .action(async (flags: VerifyFlags) => {
      const { files, key } = await placeOf(flags, env);
      if (!key) throw new CliError(EXIT.usage, 'The key is needed: --config, or SWITCHYARD_AUDIT_KEY');
      const heads = (flags.head ?? []).map(parseHead);
      const partial = flags.partial === true;
      const report = await reading(verifyAudit({ files, keys: [auditKeyOf(key)], heads, partial }));
      createConsoleIo(flags.json === true).print(report, () => reportLines(report));
      if (!report.ok) process.exitCode = EXIT.failed;
    });

  const query = audit.command('query').description('search the audit trail');
  addFilterOptions(addPlaceOptions(query.option('--json', 'machine-readable output')))
    .option('--limit <count>', 'at most so many lines', '1000')
    .action(async (flags: QueryFlags) => {
      const { files } = await placeOf(flags, env);
      const records = await reading(take(queryAudit(files, filterOf(flags)), countOf(flags.limit)));
      createConsoleIo(flags.json === true).print({ records }, () =>
        columns([
          ['TIME', 'EVENT', 'DECISION', 'OUTCOME', 'CALLER', 'SITE', 'TOOL', 'ADDRESS'],
          ...records.map(recordRow),
        ]),
      );
    });

  const exporting = audit.command('export').description('write the audit trail to stdout in another form');
  addFilterOptions(addPlaceOptions(exporting.option('--json', 'the same as --format jsonl')))
    .addOption(
      new Option('--format <format>', 'jsonl, ocsf (API Activity, one a line) or csv')
        .choices(EXPORT_FORMATS)
        .default('jsonl'),
    )
    .action(async (flags: ExportFlags) => {
      const { files } = await placeOf(flags, env);
      const format = flags.json === true ? 'jsonl' : flags.format;
      await reading(writeLines(exportAudit(files, { format, filter: filterOf(flags) })));
    });
}

function addPlaceOptions(command: Command): Command {
  return addConfigOption(
    command.option('--dir <path...>', 'directories or files of the trail (default: of the configuration)'),
  );
}

function addFilterOptions(command: Command): Command {
  return command
    .option('--since <time>', 'from this time on, such as 2026-11-21 or 2026-11-21T10:00:00Z')
    .option('--until <time>', 'before this time')
    .option('--caller <who>', 'e-mail address, subject or id')
    .option('--site <site>', 'name or cloudId')
    .option('--tool <name>', 'name of the tool at the site')
    .addOption(new Option('--event <event>', AUDIT_EVENTS.join(', ')).choices(AUDIT_EVENTS))
    .option('--outcome <word>', 'outcome or decision, such as denied or allow');
}

interface Place {
  readonly files: string[];
  readonly key: Secret | undefined;
}

/** Which files are meant, and the key where there is one. Flags beat the environment, the environment beats the file. */
async function placeOf(flags: Flags & ListFlags, env: Environment): Promise<Place> {
  const fromEnvironment = env['SWITCHYARD_AUDIT_KEY'];
  const isConfigured = flags['config'] !== undefined || Boolean(env['SWITCHYARD_CONFIG']);
  const config = isConfigured || !flags.dir ? auditConfigOf(flags, env) : undefined;
  const key = fromEnvironment ? new Secret(fromEnvironment) : config?.key;
  const paths = flags.dir ?? [config?.directory ?? ''];
  const files = await reading(auditFiles(paths));
  // To have checked nothing must not look like success.
  if (files.length === 0)
    throw new CliError(EXIT.unreachable, `There is no audit trail in ${paths.join(', ')}`);
  return { files, key };
}

function auditConfigOf(flags: ConfigFlags, env: Environment): AuditConfig {
  const { audit } = readConfigOf(flags, env);
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
