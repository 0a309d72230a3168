import { PRODUCTS } from '@switchyard/catalogue';

import { CONFIGURATION_EXAMPLE } from './configuration-example.ts';
import { configSchema } from './json-schema.ts';
import { markdownTable } from './markdown-table.ts';
import { ENVIRONMENT_VARIABLES } from './overrides.ts';
import { type SettingRow, settingRows } from './setting-rows.ts';

/** Settings that are built into sockets, pools and caches: a reload leaves them as they were. */
export const RESTART_SETTINGS: readonly string[] = [
  'publicUrl',
  'listen',
  'admin',
  'redis',
  'discovery.freshSeconds',
  'discovery.staleSeconds',
  'discovery.concurrency',
  'limits.upstreamConnections',
  'limits.upstreamSessions',
  'limits.maxAnswerBytes',
  'limits.drainDelayMs',
  'limits.drainTimeoutMs',
  'log',
];

/** docs/configuration.md, whole. */
export function renderConfigurationReference(): string {
  return [
    ...INTRODUCTION,
    '',
    '## Settings',
    '',
    '`sites[].alias` is a setting of every site of the list, `views.<name>.mode` one of every view. A block may be left',
    'out unless it is required; its settings then have their defaults. Unknown keys are errors.',
    '',
    ...settingSections(),
    '### Products and levels',
    '',
    `The keys of a \`products\` block are ${PRODUCTS.map((product) => `\`${product}\``).join(', ')}.`,
    'Each level contains the one before it: `write` reads too, `delete` does everything.',
    '',
    ...PLACEHOLDERS,
    '',
    '## Overrides',
    '',
    'Flags beat the environment, the environment beats the file. An empty variable counts as one that is not set. The',
    'flags of `serve` and `check-config` are on the page [Command line](cli.md).',
    '',
    ...markdownTable(
      ['Variable', 'Setting'],
      ENVIRONMENT_VARIABLES.map(({ variable, setting }) => [`\`${variable}\``, `\`${setting}\``]),
    ),
    '',
    ...RELOAD,
    '',
    RESTART_SETTINGS.map((setting) => `- \`${setting}\``).join('\n'),
    '',
    '## A complete example',
    '',
    '```yaml',
    CONFIGURATION_EXAMPLE.trimEnd(),
    '```',
    '',
  ].join('\n');
}

/** One section for each block at the top; the settings that stand in none come first. */
function settingSections(): string[] {
  const groups = new Map<string, SettingRow[]>([['', []]]);
  const rows = settingRows(configSchema());
  for (const row of rows) {
    const [top = ''] = row.path.split(/[.[]/);
    const isBlock = rows.some(({ path }) => path.startsWith(`${top}.`) || path.startsWith(`${top}[]`));
    const group = isBlock ? top : '';
    groups.set(group, [...(groups.get(group) ?? []), row]);
  }
  return [...groups].flatMap(([name, group]) => section(name, group));
}

function section(name: string, rows: readonly SettingRow[]): string[] {
  const [block, ...inside] = rows;
  const about =
    name === '' || !block
      ? []
      : [[block.meaning, block.fallback === 'required' ? 'Required.' : ''].join(' ').trim(), ''];
  const shown = name === '' ? rows : inside;
  return [
    `### ${name === '' ? 'At the top' : `\`${name}\``}`,
    '',
    ...about,
    ...markdownTable(
      ['Setting', 'Type', 'Default', 'Meaning'],
      shown.map(({ path, type, fallback, meaning }) => [`\`${path}\``, type, fallback, meaning]),
    ),
    '',
  ];
}

const INTRODUCTION: readonly string[] = [
  '# Configuration',
  '',
  'Generated from the schema in `apps/router/src/config`; a test fails when this page differs from it.',
  '',
  'One file, YAML 1.2 or JSON, named by `--config` or `SWITCHYARD_CONFIG`. `switchyard check-config` checks it and starts',
  'nothing. `switchyard schema > switchyard.schema.json` writes the JSON Schema for editors.',
  '',
  'All errors are reported at once, in the order of the file, each with `file:line:column` (or the name of the variable or',
  'flag), what is wrong and how to mend it. The exit code is 3 and nothing is started. Values that may be secrets are never',
  'part of a message.',
];

const PLACEHOLDERS: readonly string[] = [
  '## Values from the environment and from files',
  '',
  ...markdownTable(
    ['Written', 'Becomes'],
    [
      ['`${env:NAME}`', 'the environment variable; an error when it is not set or empty'],
      [
        '`${env:NAME:-default}`',
        'the environment variable, or the text after `:-` when it is not set or empty',
      ],
      [
        '`${file:PATH}`',
        'the text of the file without the line break at its end; relative to the configuration file',
      ],
      ['`$${`', 'a plain `${`'],
    ],
  ),
  '',
  'They work in every value, whole or in part, and not in keys. Where a number or a switch is wanted, a text such as `8080` or',
  '`true` becomes one. What they bring is not searched for further placeholders. Inside `{ }` and `[ ]` write them in quotes. A',
  'placeholder without a value is no error where a variable or flag replaces the setting.',
];

const RELOAD: readonly string[] = [
  '## Reload',
  '',
  'SIGHUP, or `POST /admin/v1/config/reload` on the admin listener, reads the file, its placeholders and the overrides again.',
  'A reload is atomic: a request sees the old configuration or the new one, whole. An invalid file changes nothing; the log (and',
  'the answer, 422) says why, and `switchyard_config_last_reload_successful` is 0. Variables are those that the process was',
  'started with; files are read anew, so a secret is rotated by its file and a reload.',
  '',
  'These settings are fixed while the process runs. A reload leaves them as they were and names those that differ; restart to',
  'change them:',
];
