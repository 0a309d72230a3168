import type { Command } from 'commander';

import type { Environment } from '../config/environment.ts';
import { addConfigOption, type ConfigFlags, readConfigOf } from './config-options.ts';
import { checkUrl } from './connection-options.ts';
import { CliError, EXIT } from './exit.ts';

const DEFAULT_URL = 'http://127.0.0.1:9090';
const TIMEOUT_MS = 30_000;

/** Where commands for administrators take address and credential from, beside flags. */
export const ADMIN_VARIABLES: readonly { variable: string; meaning: string }[] = [
  { variable: 'SWITCHYARD_ADMIN_URL', meaning: 'The admin URL, when `--admin-url` is absent.' },
  {
    variable: 'SWITCHYARD_ADMIN_TOKEN',
    meaning: 'An admin token, or an access token of an administrator, for the admin API.',
  },
];

/** The admin API of a running Switchyard. */
export interface AdminConnection {
  readonly url: string;
  readonly token: string | undefined;
}

export function addAdminOptions(command: Command): Command {
  return addConfigOption(
    command.option(
      '--admin-url <url>',
      `admin URL of a running Switchyard (default: SWITCHYARD_ADMIN_URL, else of the configuration, else ${DEFAULT_URL})`,
    ),
  ).addHelpText('after', '\nThe credential comes from the environment: SWITCHYARD_ADMIN_TOKEN.');
}

/** Which Switchyard is meant and as whom. Rejects with CliError, ConfigError. */
export async function adminConnectionOf(flags: ConfigFlags, env: Environment): Promise<AdminConnection> {
  const token = env['SWITCHYARD_ADMIN_TOKEN']?.trim() || undefined;
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
    throw new CliError(EXIT.usage, 'SWITCHYARD_ADMIN_TOKEN has characters that no header can carry');
  return { url: await urlOf(flags, env), token };
}

async function urlOf(flags: ConfigFlags, env: Environment): Promise<string> {
  if (flags['adminUrl'] !== undefined) return checkUrl(flags['adminUrl'], '--admin-url');
  if (env['SWITCHYARD_ADMIN_URL']) return checkUrl(env['SWITCHYARD_ADMIN_URL'], 'SWITCHYARD_ADMIN_URL');
  if (flags['config'] === undefined && !env['SWITCHYARD_CONFIG']) return DEFAULT_URL;
  const { host, port } = (await readConfigOf(flags, env)).admin;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Asks one thing of the admin API. Throws CliError with the exit code that fits: unreachable, not authorised, failed. */
export async function adminRequest(
  { url, token }: AdminConnection,
  { method, path, body }: { readonly method: string; readonly path: string; readonly body?: unknown },
): Promise<unknown> {
  const target = `${url.replace(/\/$/, '')}/admin/v1${path}`;
  const response = await send(target, {
    method,
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: {
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (response.status === 204) return undefined;
  const answer = await readJson(response);
  if (response.ok && answer !== undefined) return answer;
  throw new CliError(
    exitCodeOf(response.status),
    detailOf(answer) ?? `HTTP ${response.status} from ${target}`,
  );
}

async function send(target: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(target, init);
  } catch (error) {
    const cause =
      error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new CliError(EXIT.unreachable, `${target} cannot be reached: ${cause}`);
  }
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}

function detailOf(answer: unknown): string | undefined {
  const { detail } = (answer ?? {}) as { detail?: unknown };
  return typeof detail === 'string' ? detail : undefined;
}

function exitCodeOf(status: number): number {
  if (status === 401 || status === 403) return EXIT.unauthorized;
  return status >= 500 ? EXIT.unreachable : EXIT.failed;
}
