import type { Mode, ToolBudget } from '@switchyard/catalogue';
import type { Command } from 'commander';

import type { Environment } from '../config/environment.ts';
import type { ConfigFlags } from './config-options.ts';
import { addConnectionOptions, connectionOf } from './connection-options.ts';
import { columns, createConsoleIo } from './console-io.ts';
import { CliError, EXIT } from './exit.ts';
import { type Connection, mcpRequest } from './mcp-request.ts';

interface ListedTool {
  readonly name: string;
  readonly inputSchema?: {
    readonly properties?: Readonly<Record<string, { readonly enum?: readonly string[] } | undefined>>;
  };
  readonly _meta?: Readonly<Record<string, unknown>>;
}

interface ToolResult {
  readonly isError?: boolean;
  readonly content?: readonly { readonly type?: string; readonly text?: string }[];
}

/** `tools` and `call`: a running Switchyard from the command line. */
export function addToolCommands(program: Command, env: Environment): void {
  const tools = program.command('tools').description('list the tools that a running Switchyard shows you');
  addConnectionOptions(
    tools
      .option('--json', 'machine-readable output')
      .option(
        '--budget',
        'instead of the tools: how many they are in each mode, about how many tokens, and what clients would drop',
      ),
  ).action(async (flags: ConfigFlags & { json?: boolean; budget?: boolean }) => {
    if (flags.budget) return printBudgets(await connectionOf(flags, env), flags.json === true);
    const result = (await mcpRequest(await connectionOf(flags, env), 'tools/list', {})) as {
      tools: ListedTool[];
    };
    createConsoleIo(flags.json === true).print(result, () =>
      columns([['NAME', 'SITE', 'PRODUCT', 'ACCESS'], ...result.tools.map(toolRow)]),
    );
  });

  const call = program
    .command('call')
    .description('call one tool, such as eng/getJiraIssue or eng__getJiraIssue');
  addConnectionOptions(call.option('--json', 'machine-readable output').argument('<tool>'))
    .option(
      '--arg <key=value...>',
      'an argument: key=text, or key:=json for numbers, switches, lists and maps',
    )
    .option('--args <json>', 'all arguments as one JSON object')
    .action(async (tool: string, flags: CallFlags) => {
      const params = { name: tool.replace('/', '__'), arguments: argumentsOf(flags) };
      const result = (await mcpRequest(await connectionOf(flags, env), 'tools/call', params)) as ToolResult;
      createConsoleIo(flags.json === true).print(
        result,
        () => result.content?.map(({ text, type }) => text ?? `(${type ?? 'content'})`) ?? [],
      );
      if (result.isError) process.exitCode = EXIT.failed;
    });
}

interface ModeBudget extends ToolBudget {
  readonly mode: Mode;
}

/** The same URL in each mode. */
async function printBudgets(connection: Connection, json: boolean): Promise<void> {
  const { budgetOf, MODES } = await import('@switchyard/catalogue');
  const budgets = await Promise.all(
    MODES.map(async (mode): Promise<ModeBudget> => {
      const url = new URL(connection.url);
      url.searchParams.set('mode', mode);
      const result = await mcpRequest({ ...connection, url: url.href }, 'tools/list', {});
      const { tools } = result as { tools: readonly unknown[] };
      return { mode, ...budgetOf(tools.map((tool) => JSON.stringify(tool))) };
    }),
  );
  const clients = budgets[0]?.clients.map(({ client, limit }) => `${client.toUpperCase()} (${limit})`) ?? [];
  createConsoleIo(json).print({ budgets }, () =>
    columns([['MODE', 'TOOLS', 'TOKENS', ...clients], ...budgets.map(budgetRow)]),
  );
}

function budgetRow({ mode, tools, tokens, clients }: ModeBudget): string[] {
  const kept = clients.map(({ dropped }) => (dropped === 0 ? 'all' : `drops ${dropped}`));
  return [mode, String(tools), `~${tokens}`, ...kept];
}

type CallFlags = ConfigFlags & { readonly json?: boolean; readonly arg?: string[]; readonly args?: string };

function toolRow({ name, inputSchema, _meta: meta = {} }: ListedTool): string[] {
  const fact = (key: string): string => (typeof meta[key] === 'string' ? meta[key] : '-');
  const merged = inputSchema?.properties?.['switchyard_site'] ?? inputSchema?.properties?.['site'];
  const isMerged = typeof meta['switchyard/tool'] === 'string' && meta['switchyard/site'] === undefined;
  const site = isMerged ? (merged?.enum?.join(',') ?? '-') : fact('switchyard/site');
  return [name, site, fact('switchyard/product'), fact('switchyard/access')];
}

function argumentsOf({ arg = [], args = '{}' }: CallFlags): Record<string, unknown> {
  const whole = parseJson(args, '--args');
  if (whole === null || typeof whole !== 'object' || Array.isArray(whole))
    throw usage('--args must be a JSON object');
  return { ...whole, ...Object.fromEntries(arg.map(parseArgument)) };
}

function parseArgument(text: string): [string, unknown] {
  const [, key, operator, value] = /^([^=:]+)(:?=)(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) throw usage(`--arg ${text}: write key=text, or key:=json`);
  return [key, operator === ':=' ? parseJson(value, `--arg ${key}`) : value];
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw usage(`${where}: not valid JSON`);
  }
}

function usage(message: string): CliError {
  return new CliError(EXIT.usage, message);
}
