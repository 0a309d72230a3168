import type { Command } from 'commander';

import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import type { Override } from '../config/overrides.ts';
import { CliError, EXIT } from './exit.ts';

/** The flags that name a configuration or overrule it. */
export type ConfigFlags = Readonly<Record<string, string | undefined>>;

const OVERRIDING_FLAGS: readonly { flag: string; path: readonly string[]; help: string }[] = [
  { flag: 'host', path: ['listen', 'host'], help: 'address of the MCP listener' },
  { flag: 'port', path: ['listen', 'port'], help: 'port of the MCP listener (0: any free one)' },
  { flag: 'admin-host', path: ['admin', 'host'], help: 'address of the admin listener' },
  { flag: 'admin-port', path: ['admin', 'port'], help: 'port of the admin listener (0: any free one)' },
  { flag: 'log-level', path: ['log', 'level'], help: 'debug, info, warn, error or silent' },
];

export function addConfigOption(command: Command): Command {
  return command.option('-c, --config <file>', 'configuration file (default: SWITCHYARD_CONFIG)');
}

export function addOverridingOptions(command: Command): Command {
  for (const { flag, help } of OVERRIDING_FLAGS) command.option(`--${flag} <value>`, help);
  return command;
}

/** The flags' settings, stronger than the environment's. */
function overridesOf(flags: ConfigFlags): Override[] {
  return OVERRIDING_FLAGS.flatMap(({ flag, path }) => {
    const value = flags[flag.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())];
    return value === undefined ? [] : [{ source: `--${flag}`, path, value }];
  });
}

/** Which file is meant: the flag, else the environment. */
export function configPath(flags: ConfigFlags, env: Environment): string {
  const path = flags['config'] ?? env['SWITCHYARD_CONFIG'];
  if (path) return path;
  throw new CliError(
    EXIT.usage,
    'Name the configuration file: --config switchyard.yaml, or set SWITCHYARD_CONFIG',
  );
}

/** Reads the configuration that flags and environment name, each time anew. It throws ConfigError, CliError. */
export async function configReader(flags: ConfigFlags, env: Environment): Promise<() => Config> {
  const { loadConfig } = await import('../config/load-config.ts');
  return () => loadConfig({ path: configPath(flags, env), env, flags: overridesOf(flags) });
}

/** Reads it once. Rejects with ConfigError, CliError. */
export async function readConfigOf(flags: ConfigFlags, env: Environment): Promise<Config> {
  return (await configReader(flags, env))();
}
