import { AUDIT_EVENTS, EXPORT_FORMATS } from '@switchyard/audit/words';
import { type Command, Option } from 'commander';

import type { Environment } from '../config/environment.ts';
import type { ExportFlags, QueryFlags, VerifyFlags } from './audit-answers.ts';
import { addConfigOption } from './config-options.ts';

/** What the audit commands take from the environment. */
export const AUDIT_VARIABLES: readonly { variable: string; meaning: string }[] = [
  {
    variable: 'SWITCHYARD_AUDIT_KEY',
    meaning: 'The key of the trail, for `audit verify --dir` without a configuration.',
  },
];

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
      const { printVerdict } = await import('./audit-answers.ts');
      await printVerdict(flags, env);
    });

  const query = audit.command('query').description('search the audit trail');
  addFilterOptions(addPlaceOptions(query.option('--json', 'machine-readable output')))
    .option('--limit <count>', 'at most so many lines', '1000')
    .action(async (flags: QueryFlags) => {
      const { printRecords } = await import('./audit-answers.ts');
      await printRecords(flags, env);
    });

  const exporting = audit.command('export').description('write the audit trail to stdout in another form');
  addFilterOptions(addPlaceOptions(exporting.option('--json', 'the same as --format jsonl')))
    .addOption(
      new Option('--format <format>', 'jsonl, ocsf (API Activity, one a line) or csv')
        .choices(EXPORT_FORMATS)
        .default('jsonl'),
    )
    .action(async (flags: ExportFlags) => {
      const { printExport } = await import('./audit-answers.ts');
      await printExport(flags, env);
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
