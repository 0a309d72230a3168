import type { Argument, Command, Option } from 'commander';

import { markdownTable } from '../config/markdown-table.ts';
import { ADMIN_VARIABLES } from './admin-request.ts';
import { AUDIT_VARIABLES } from './audit-commands.ts';
import { CONNECTION_VARIABLES } from './connection-options.ts';
import { EXIT, EXIT_MEANINGS } from './exit.ts';
import { createProgram } from './program.ts';
import { ACTS_AS_VARIABLES } from './token-commands.ts';

const VARIABLES = [...CONNECTION_VARIABLES, ...ADMIN_VARIABLES, ...ACTS_AS_VARIABLES, ...AUDIT_VARIABLES];

/** docs/cli.md, whole. */
export function renderCliReference(): string {
  const commands = commandsOf(createProgram({}));
  return [
    ...INTRODUCTION,
    '',
    '## Commands',
    '',
    ...markdownTable(
      ['Command', 'What it does'],
      commands.map(({ name, command }) => [
        `[\`${name}\`](#switchyard-${name.replaceAll(' ', '-')})`,
        sentence(command.description()),
      ]),
    ),
    '',
    ...commands.flatMap(commandSection),
    ...EXAMPLES,
    '',
    '## Exit codes',
    '',
    ...markdownTable(
      ['Code', 'Meaning'],
      Object.entries(EXIT).map(([name, code]) => [String(code), EXIT_MEANINGS[name as keyof typeof EXIT]]),
    ),
    '',
    '## Environment',
    '',
    ...markdownTable(
      ['Variable', 'Meaning'],
      [
        ['`SWITCHYARD_CONFIG`', 'The configuration file, when `--config` is absent.'],
        ...VARIABLES.map(({ variable, meaning }) => [`\`${variable}\``, meaning]),
      ],
    ),
    '',
    'Credentials come from the environment only: flags would show them to every process of the machine. The variables that',
    'override settings are on the page [Configuration](configuration.md).',
    '',
  ].join('\n');
}

/** A command under its whole name, such as `token create`. */
interface NamedCommand {
  readonly name: string;
  readonly command: Command;
}

/** Every command that does something: of a group, its parts. */
export function commandsOf(group: Command, prefix = ''): NamedCommand[] {
  return group.commands.flatMap((command) => {
    const name = `${prefix}${command.name()}`;
    return command.commands.length === 0 ? [{ name, command }] : commandsOf(command, `${name} `);
  });
}

function commandSection({ name, command }: NamedCommand): string[] {
  const usage = ['switchyard', name, ...command.registeredArguments.map(argumentUsage), '[options]'];
  return [
    `### \`switchyard ${name}\``,
    '',
    sentence(command.description()),
    '',
    '```sh',
    usage.join(' '),
    '```',
    '',
    ...markdownTable(['Flag', 'Meaning', 'Default'], command.options.map(optionCells)),
    '',
  ];
}

function argumentUsage(argument: Argument): string {
  return argument.required ? `<${argument.name()}>` : `[${argument.name()}]`;
}

function optionCells({ flags, description, defaultValue }: Option): string[] {
  return [`\`${flags}\``, description, defaultValue === undefined ? '–' : `\`${String(defaultValue)}\``];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

const INTRODUCTION: readonly string[] = [
  '# Command line',
  '',
  'Generated from the program in `apps/router/src/cli`; a test fails when this page differs from it.',
  '',
  'In a checkout, `npx switchyard <command>` runs the program. stdout carries data, stderr talk and the log. With `--json`, stdout',
  'is one JSON document, also when a command fails: `{"ok": false, "error": "…"}`. `switchyard --help` and',
  '`switchyard <command> --help` say what is on this page; `switchyard --version` prints the version.',
];

const EXAMPLES: readonly string[] = [
  '## Examples',
  '',
  '```sh',
  'switchyard check-config --config switchyard.yaml',
  'switchyard serve --config switchyard.yaml --port 8080',
  'export SWITCHYARD_EMAIL=alice@demo.example SWITCHYARD_API_TOKEN=demo-alice-token',
  'switchyard tools --url http://127.0.0.1:8080/mcp/sites/eng',
  'switchyard client cursor --url https://mcp.acme.example --view triage --mode merged',
  "switchyard call eng/searchJiraIssuesUsingJql --arg jql='project = ENG' --arg maxResults:=5",
  '```',
  '',
  'A running `serve` or `demo` reads its configuration again on SIGHUP and ends in order on SIGTERM and SIGINT; a second signal',
  'ends it at once.',
];
