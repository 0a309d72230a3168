import type { Argument, Command, Option } from 'commander';

import { markdownTable } from '../config/markdown-table.ts';
import { CONNECTION_VARIABLES } from './connection-options.ts';
import { EXIT, EXIT_MEANINGS } from './exit.ts';
import { createProgram } from './program.ts';

/** docs/cli.md, whole. */
export function renderCliReference(): string {
  const { commands } = createProgram({});
  return [
    ...INTRODUCTION,
    '',
    '## Commands',
    '',
    ...markdownTable(
      ['Command', 'What it does'],
      commands.map((command) => [
        `[\`${command.name()}\`](#switchyard-${command.name()})`,
        sentence(command.description()),
      ]),
    ),
    '',
    ...commands.flatMap((command) => commandSection(command)),
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
        ...CONNECTION_VARIABLES.map(({ variable, meaning }) => [`\`${variable}\``, meaning]),
      ],
    ),
    '',
    'Credentials come from the environment only: flags would show them to every process of the machine. The variables that',
    'override settings are on the page [Configuration](configuration.md).',
    '',
  ].join('\n');
}

function commandSection(command: Command): string[] {
  const usage = [
    'switchyard',
    command.name(),
    ...command.registeredArguments.map(argumentUsage),
    '[options]',
  ];
  return [
    `### \`switchyard ${command.name()}\``,
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
  "switchyard call eng/searchJiraIssuesUsingJql --arg jql='project = ENG' --arg maxResults:=5",
  '```',
  '',
  'A running `serve` or `demo` reads its configuration again on SIGHUP and ends in order on SIGTERM and SIGINT; a second signal',
  'ends it at once.',
];
