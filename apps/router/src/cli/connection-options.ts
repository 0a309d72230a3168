import type { Command } from 'commander';

import type { Environment } from '../config/environment.ts';
import { addConfigOption, type ConfigFlags, readConfigOf } from './config-options.ts';
import { CliError, EXIT } from './exit.ts';
import type { Connection } from './mcp-request.ts';

const DEFAULT_URL = 'http://127.0.0.1:8080/mcp';

/** Where `tools` and `call` take address and credential from, beside flags. */
export const CONNECTION_VARIABLES: readonly { variable: string; meaning: string }[] = [
  { variable: 'SWITCHYARD_URL', meaning: 'The MCP URL, when `--url` is absent.' },
  {
    variable: 'SWITCHYARD_AUTHORIZATION',
    meaning: 'The whole `Authorization` header; goes before the others.',
  },
  { variable: 'SWITCHYARD_TOKEN', meaning: 'A token that is sent as `Bearer`.' },
  {
    variable: 'SWITCHYARD_EMAIL',
    meaning: 'The account of an API token, sent as `Basic` with `SWITCHYARD_API_TOKEN`.',
  },
  { variable: 'SWITCHYARD_API_TOKEN', meaning: 'The API token of that account.' },
];

export function addUrlOption(command: Command): Command {
  return addConfigOption(
    command.option(
      '--url <url>',
      `MCP URL of a running Switchyard (default: SWITCHYARD_URL, else of the configuration, else ${DEFAULT_URL})`,
    ),
  );
}

export function addConnectionOptions(command: Command): Command {
  return addUrlOption(command).addHelpText(
    'after',
    '\nThe credential comes from the environment: SWITCHYARD_EMAIL and SWITCHYARD_API_TOKEN, or SWITCHYARD_TOKEN (Bearer),\nor SWITCHYARD_AUTHORIZATION (the whole header). Flags would show it to every process of the machine.',
  );
}

/** Which Switchyard is meant and as whom. Rejects with CliError, ConfigError. */
export async function connectionOf(flags: ConfigFlags, env: Environment): Promise<Connection> {
  return { url: await mcpUrlOf(flags, env), authorization: authorizationOf(env) };
}

/** The MCP URL of the Switchyard that is meant. Rejects with CliError, ConfigError. */
export async function mcpUrlOf(flags: ConfigFlags, env: Environment): Promise<string> {
  if (flags['url'] !== undefined) return checkUrl(flags['url'], '--url');
  if (env['SWITCHYARD_URL']) return checkUrl(env['SWITCHYARD_URL'], 'SWITCHYARD_URL');
  if (flags['config'] === undefined && !env['SWITCHYARD_CONFIG']) return DEFAULT_URL;
  const { publicUrl, listen } = await readConfigOf(flags, env);
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  return `${publicUrl ?? `http://${host}:${listen.port}`}/mcp`;
}

/** The text is not repeated: it may hold a password. Throws CliError. */
export function checkUrl(text: string, source: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new CliError(
      EXIT.usage,
      `${source} is not an http:// or https:// URL; write it like ${DEFAULT_URL}`,
    );
  if (url.username !== '' || url.password !== '')
    throw new CliError(EXIT.usage, `${source} must not hold a user or password; see switchyard tools --help`);
  return text;
}

/** A header that HTTP cannot carry would come back, whole, in the error of the one who refuses it. */
function authorizationOf(env: Environment): string | undefined {
  const header = headerOf(env)?.trim();
  if (header === undefined || /^[\x20-\x7e]*$/.test(header)) return header;
  throw new CliError(
    EXIT.usage,
    'The credential has characters that no header can carry; look for a line break',
  );
}

function headerOf(env: Environment): string | undefined {
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
