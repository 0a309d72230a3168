import type { Command } from 'commander';

import type { Environment } from '../config/environment.ts';
import type { Finding } from '../doctor/check.ts';
import { warningsOf } from './config-commands.ts';
import { addConfigOption, type ConfigFlags, readConfigOf } from './config-options.ts';
import { columns, createConsoleIo } from './console-io.ts';
import { CliError, EXIT } from './exit.ts';

type Flags = ConfigFlags & { readonly json?: boolean; readonly offline?: boolean };

/** `doctor`: looks at everything around a configuration, and says what to mend. */
export function addDoctorCommand(program: Command, env: Environment): void {
  const command = program
    .command('doctor')
    .description('look at the configuration, Redis, the public URL and every site, and say what to mend')
    .option('--json', 'machine-readable output')
    .option('--site <site>', 'one site alone: alias, cloudId or host name')
    .option('--offline', 'ask nothing over the network');
  addConfigOption(command)
    .addHelpText(
      'after',
      '\nPersonal sites are asked with SWITCHYARD_EMAIL and SWITCHYARD_API_TOKEN, an API token of Atlassian; shared ones with\ntheir own credential. Exit 1: a check failed; 3: the configuration is invalid; 4: something cannot be reached.',
    )
    .action(async (flags: Flags) => {
      const config = await readConfigOf(flags, env);
      const { examine, sitesToCheck } = await import('../doctor/doctor.ts');
      const { site } = flags;
      const sites = sitesToCheck({ config, site });
      if (!sites) throw new CliError(EXIT.usage, `--site: no site is called ${site}; see switchyard sites`);
      const findings = await examine(sites, {
        config,
        warnings: warningsOf(config),
        offline: flags.offline === true,
        account: accountOf(env),
        nodeVersion: process.version,
        now: Date.now(),
      });
      createConsoleIo(flags.json === true).print({ ok: !findings.some(isFailure), findings }, () =>
        textOf(findings),
      );
      process.exitCode = exitCodeOf(findings);
    });
}

/** Only Atlassian's own: a token for Switchyard is no business of the sites (I6). */
function accountOf({
  SWITCHYARD_EMAIL: email,
  SWITCHYARD_API_TOKEN: apiToken,
}: Environment): { email: string; apiToken: string } | undefined {
  return email && apiToken ? { email, apiToken } : undefined;
}

function isFailure({ level }: Finding): boolean {
  return level === 'failed' || level === 'unreachable';
}

/** What cannot be reached goes first: the rest is not known then. */
function exitCodeOf(findings: readonly Finding[]): number {
  if (findings.some(({ level }) => level === 'unreachable')) return EXIT.unreachable;
  return findings.some(isFailure) ? EXIT.failed : EXIT.ok;
}

function textOf(findings: readonly Finding[]): string[] {
  const rows = columns(findings.map(({ level, code, site, says }) => [level, code, site ?? '-', says]));
  const lines = findings.flatMap(({ fix }, at) => [
    rows[at] ?? '',
    ...(fix === undefined ? [] : [`  -> ${fix}`]),
  ]);
  const count = (level: Finding['level']): number => findings.filter((each) => each.level === level).length;
  const failed = count('failed') + count('unreachable');
  return [
    ...lines,
    '',
    `${count('ok')} ok, ${count('warning')} to look at, ${failed} failed, ${count('skipped')} skipped`,
  ];
}
