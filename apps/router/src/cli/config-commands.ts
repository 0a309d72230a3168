import type { Command } from 'commander';

import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import {
  addConfigOption,
  addOverridingOptions,
  type ConfigFlags,
  configPath,
  readConfigOf,
} from './config-options.ts';
import { columns, createConsoleIo } from './console-io.ts';

type Flags = ConfigFlags & { json?: boolean };

/** `check-config`, `schema` and `sites`: what can be said without running anything. */
export function addConfigCommands(program: Command, env: Environment): void {
  const check = program
    .command('check-config')
    .description('check a configuration file; exit 3 when it is invalid');
  addOverridingOptions(addConfigOption(check.option('--json', 'machine-readable output'))).action(
    async (flags: Flags) => {
      const config = await readConfigOf(flags, env);
      const warnings = warningsOf(config);
      const file = configPath(flags, env);
      const io = createConsoleIo(flags.json === true);
      io.print(
        { ok: true, file, sites: config.sites.length, views: Object.keys(config.views).length, warnings },
        () => [
          `${file} is valid: ${config.sites.length} site(s), ${Object.keys(config.views).length} view(s)`,
        ],
      );
      if (!flags.json) for (const warning of warnings) io.talk(`warning: ${warning}`);
    },
  );

  program
    .command('schema')
    .description('print the JSON Schema of the configuration')
    .option('--json', 'the same: the schema is JSON')
    .action(async () => {
      const { configSchema } = await import('../config/json-schema.ts');
      process.stdout.write(`${JSON.stringify(configSchema(), null, 2)}\n`);
    });

  const sites = program
    .command('sites')
    .description('list the sites of a configuration and their names in tool names');
  addConfigOption(sites.option('--json', 'machine-readable output')).action(async (flags: Flags) => {
    const { createSiteDirectory } = await import('@switchyard/catalogue');
    const directory = createSiteDirectory((await readConfigOf(flags, env)).sites);
    const rows = directory.sites.map(({ name, cloudId, url, identity, endpoint }) => ({
      name,
      cloudId,
      url,
      identity,
      endpoint,
    }));
    createConsoleIo(flags.json === true).print({ sites: rows }, () =>
      columns([
        ['NAME', 'URL', 'CLOUD ID', 'IDENTITY', 'ENDPOINT'],
        ...rows.map((row) => [row.name, row.url, row.cloudId, row.identity, row.endpoint]),
      ]),
    );
  });
}

/** What is allowed and yet hardly meant. */
export function warningsOf(config: Config): string[] {
  const warnings: string[] = [];
  if (!config.apiTokenEnabled && !config.oauth) {
    warnings.push(
      'auth.apiToken.enabled is false and there is no auth.oauth, so nobody can sign in: every request is answered 401',
    );
  }
  if (
    config.publicUrl?.startsWith('http://') &&
    !/^http:\/\/(localhost|127\.|\[::1\])/.test(config.publicUrl)
  ) {
    warnings.push('publicUrl is plain http: credentials would cross the network readable');
  }
  return warnings;
}
