import type { Command } from 'commander';

import type { Environment } from '../config/environment.ts';
import { addConfigOption, type ConfigFlags, readConfigOf } from './config-options.ts';
import { CliError, EXIT } from './exit.ts';
import type { Connection } from './mcp-request.ts';

const DEFAULT_URL = 'http://127.0.0.1:8080/mcp';

export function addConnectionOptions(command: Command): Command {
  return addConfigOption(
    command.option(
      '--url <url>',
      `MCP URL of a running Switchyard (default: SWITCHYARD_URL, else of the configuration, else ${DEFAULT_URL})`,
    ),
  ).addHelpText(
    'after',
    '\nThe credential comes from the environment: SWITCHYARD_EMAIL and SWITCHYARD_API_TOKEN, or SWITCHYARD_TOKEN (Bearer),\nor SWITCHYARD_AUTHORIZATION (the whole header). Flags would show it to every process of the machine.',
  );
}

/** Which Switchyard is meant and as whom. Throws CliError, ConfigError. */
export function connectionOf(flags: ConfigFlags, env: Environment): Connection {
  return { url: urlOf(flags, env), authorization: authorizationOf(env) };
}

function urlOf(flags: ConfigFlags, env: Environment): string {
  const url = flags['url'] ?? env['SWITCHYARD_URL'];
  if (url !== undefined) {
    if (URL.canParse(url)) return url;
    throw new CliError(EXIT.usage, `--url ${url} is not a URL; write it like ${DEFAULT_URL}`);
  }
  if (flags['config'] === undefined && env['SWITCHYARD_CONFIG'] === undefined) return DEFAULT_URL;
  const { publicUrl, listen } = readConfigOf(flags, env);
  return `${publicUrl ?? `http://${listen.host}:${listen.port}`}/mcp`;
}

function authorizationOf(env: Environment): string | undefined {
  const {
    SWITCHYARD_AUTHORIZATION: whole,
    SWITCHYARD_TOKEN: token,
    SWITCHYARD_EMAIL: email,
    SWITCHYARD_API_TOKEN: apiToken,
  } = env;
  if (whole) return whole;
  if (token) return `Bearer ${token}`;
  if (email && apiToken) return `Basic ${Buffer.from(`${email}:${apiToken}`).toString('base64')}`;
  return undefined;
}
