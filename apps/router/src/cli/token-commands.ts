import type { Command } from 'commander';

import type { Environment } from '../config/environment.ts';
import { addAdminOptions, adminConnectionOf, adminRequest } from './admin-request.ts';
import type { ConfigFlags } from './config-options.ts';
import { columns, createConsoleIo } from './console-io.ts';
import { CliError, EXIT } from './exit.ts';

/** What a token acts with at Atlassian: from the environment, since flags would show it. */
export const ACTS_AS_VARIABLES: readonly { variable: string; meaning: string }[] = [
  {
    variable: 'SWITCHYARD_ACTS_AS_EMAIL',
    meaning: 'With `SWITCHYARD_ACTS_AS_API_TOKEN`: the account that a new token acts as.',
  },
  { variable: 'SWITCHYARD_ACTS_AS_API_TOKEN', meaning: 'The API token of that account.' },
  {
    variable: 'SWITCHYARD_ACTS_AS_KEY',
    meaning: 'The service account key that a new token acts with.',
  },
];

type Flags = ConfigFlags & { readonly json?: boolean };
type CreateFlags = Flags & { readonly readOnly?: boolean; readonly admin?: boolean };

interface ListedToken {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly sites: readonly string[] | null;
  readonly readOnly: boolean;
  readonly actsAs: string;
  readonly expiresAt: string;
  readonly lastUsedAt: string | null;
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400 };

/** `token create`, `token list`, `token revoke`: what programs sign in with, by way of the admin API. */
export function addTokenCommands(program: Command, env: Environment): void {
  const token = program.command('token').description('hand out, list and end tokens for programs');

  const create = token.command('create').description('hand out a token; it is shown this one time only');
  addAdminOptions(create.option('--json', 'machine-readable output'))
    .requiredOption('--name <text>', 'what it is for')
    .requiredOption('--ttl <time>', 'how long it lives: 30m, 12h, 90d; at most 366d')
    .option('--owner <email>', 'who answers for it')
    .option('--sites <sites>', 'only these sites, such as eng,ops (default: all)')
    .option('--products <products>', 'only these products, such as jira=read,confluence (default: all)')
    .option('--read-only', 'only tools that read')
    .option('--admin', 'for the admin API instead of MCP')
    .addHelpText(
      'after',
      '\nPersonal sites are opened with SWITCHYARD_ACTS_AS_EMAIL and SWITCHYARD_ACTS_AS_API_TOKEN, or with\nSWITCHYARD_ACTS_AS_KEY (service account), from the environment. Without them the token opens shared sites only.',
    )
    .action(async (flags: CreateFlags) => {
      const body = requestOf(flags, env);
      const made = await adminRequest(await adminConnectionOf(flags, env), {
        method: 'POST',
        path: '/tokens',
        body,
      });
      const io = createConsoleIo(flags.json === true);
      io.print(made, () => [(made as { token: string }).token]);
      if (!flags.json)
        io.talk('Keep it now: it is not shown again. Send it as Authorization: Bearer <token>.');
    });

  const list = token.command('list').description('list the tokens that are good, without their secrets');
  addAdminOptions(list.option('--json', 'machine-readable output')).action(async (flags: Flags) => {
    const path = '/tokens';
    const found = (await adminRequest(await adminConnectionOf(flags, env), { method: 'GET', path })) as {
      tokens: ListedToken[];
    };
    createConsoleIo(flags.json === true).print(found, () =>
      columns([['ID', 'NAME', 'ROLE', 'SITES', 'ACTS AS', 'EXPIRES', 'LAST USED'], ...found.tokens.map(row)]),
    );
  });

  const revoke = token.command('revoke').description('end a token at once, on every replica');
  addAdminOptions(revoke.option('--json', 'machine-readable output').argument('<id>')).action(
    async (id: string, flags: Flags) => {
      const path = `/tokens/${encodeURIComponent(id)}`;
      await adminRequest(await adminConnectionOf(flags, env), { method: 'DELETE', path });
      createConsoleIo(flags.json === true).print({ ok: true, revoked: id }, () => [`${id} is revoked`]);
    },
  );
}

function row({ id, name, role, sites, readOnly, actsAs, expiresAt, lastUsedAt }: ListedToken): string[] {
  const where = `${sites?.join(',') ?? 'all'}${readOnly ? ' (read-only)' : ''}`;
  return [id, name, role, role === 'admin' ? '-' : where, actsAs, expiresAt, lastUsedAt ?? 'never'];
}

function requestOf(flags: CreateFlags, env: Environment): object {
  return {
    name: flags['name'],
    ttlSeconds: secondsOf(flags['ttl'] ?? ''),
    ...(flags.admin && { role: 'admin' }),
    ...(flags['owner'] !== undefined && { owner: flags['owner'] }),
    ...(flags['sites'] !== undefined && { sites: wordsOf(flags['sites']) }),
    ...(flags['products'] !== undefined && { products: productsOf(flags['products']) }),
    ...(flags.readOnly && { readOnly: true }),
    ...actsAsOf(env),
  };
}

function secondsOf(text: string): number {
  const [, count, unit = ''] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const seconds = UNIT_SECONDS[unit];
  if (seconds === undefined) throw new CliError(EXIT.usage, `--ttl ${text}: write 30m, 12h or 90d`);
  return Number(count) * seconds;
}

/** `jira=read`; without a level, whatever the site permits. */
function productsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    wordsOf(text).map((word) => {
      const [product = '', level = 'delete'] = word.split('=');
      return [product, level];
    }),
  );
}

function wordsOf(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function actsAsOf(env: Environment): object {
  const {
    SWITCHYARD_ACTS_AS_EMAIL: email,
    SWITCHYARD_ACTS_AS_API_TOKEN: apiToken,
    SWITCHYARD_ACTS_AS_KEY: serviceAccountKey,
  } = env;
  if (serviceAccountKey && (email || apiToken))
    throw new CliError(
      EXIT.usage,
      'A token acts as one account: set SWITCHYARD_ACTS_AS_KEY, or the other two',
    );
  if (serviceAccountKey) return { actsAs: { serviceAccountKey } };
  if (!email && !apiToken) return {};
  if (email && apiToken) return { actsAs: { email, apiToken } };
  throw new CliError(
    EXIT.usage,
    'SWITCHYARD_ACTS_AS_EMAIL and SWITCHYARD_ACTS_AS_API_TOKEN are needed together',
  );
}
