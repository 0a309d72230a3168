import { execFileSync } from 'node:child_process';

import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';

import type { ClientTarget, RecipePart } from '../../src/clients/client-recipe.ts';
import { CLIENT_RECIPES, findRecipe } from '../../src/clients/client-recipes.ts';

const PLAIN: ClientTarget = { name: 'switchyard', url: 'https://mcp.acme.example/mcp' };
/** With everything in it that a shell, a query, JSON or Base64 could read as something else. */
const AWKWARD: ClientTarget = {
  name: 'switchyard-eng',
  url: 'https://mcp.acme.example:8443/mcp/sites/eng?mode=merged&readonly=true&x=%C3%BC~~~???>>>',
};

const all = (target: ClientTarget): { id: string; part: RecipePart }[] =>
  CLIENT_RECIPES.flatMap(({ id, parts }) => parts(target).map((part) => ({ id, part })));

/** What a file says of the connector; TOML of this size reads like `key = value` lines. */
function entryOf({ path = '', text }: RecipePart, name: string): Record<string, unknown> {
  if (path.endsWith('.toml')) {
    const [head, ...lines] = text.split('\n');
    expect(head).toBe(`[mcp_servers.${name}]`);
    return parseYaml(lines.map((line) => line.replace(' = ', ': ')).join('\n')) as Record<string, unknown>;
  }
  const file = JSON.parse(text) as Record<string, Record<string, Record<string, unknown>>>;
  const servers = file[path === '.vscode/mcp.json' ? 'servers' : 'mcpServers'];
  expect(Object.keys(servers ?? {})).toEqual([name]);
  return servers?.[name] ?? {};
}

/** The words that a shell reads, of the one command that a line has. */
function wordsOf(line: string): string[] {
  return execFileSync('sh', ['-c', `set -f; set -- ${line}; for word; do printf '%s\\n' "$word"; done`])
    .toString()
    .trimEnd()
    .split('\n');
}

describe('recipes', () => {
  it.each([
    ['a whole connector', PLAIN, 'whole.txt'],
    ['one site, narrowed', AWKWARD, 'narrowed.txt'],
  ])('are, for %s, what was reviewed', async (_, target, file) => {
    const text = CLIENT_RECIPES.map(({ id, title, parts }) =>
      [
        `##### ${id}: ${title}`,
        ...parts(target).map(({ kind, title, path, text }) =>
          [`--- ${kind}: ${title}${path === undefined ? '' : ` (${path})`}`, text].join('\n'),
        ),
      ].join('\n'),
    ).join('\n\n');

    await expect(`${text}\n`).toMatchFileSnapshot(`golden/${file}`);
  });

  it('are there for each client of the contract, under one id each', () => {
    expect(CLIENT_RECIPES.map(({ id }) => id)).toEqual([
      'claude',
      'chatgpt',
      'claude-code',
      'vscode',
      'cursor',
      'codex',
      'gemini',
      'inspector',
      'mcp-remote',
      'curl',
    ]);
    expect(findRecipe('claude')?.hosted).toBe(true);
    expect(findRecipe('constructor')).toBeUndefined();
  });

  it('name the URL, whatever it is, in every client', () => {
    for (const { id, parts } of CLIENT_RECIPES) {
      const text = parts(AWKWARD)
        .filter(({ kind }) => kind !== 'link')
        .map((part) => part.text)
        .join('\n');
      expect(text, id).toContain(AWKWARD.url);
    }
  });

  it('hold no credential: every Authorization is a reference or a placeholder (I5)', () => {
    const given = all(PLAIN).flatMap(({ part }) => part.text.match(/(?:Bearer|Basic) [^"\n]+/g) ?? []);

    expect(new Set(given)).toEqual(
      new Set([
        'Bearer ${SWITCHYARD_TOKEN}',
        'Bearer ${input:switchyard-token}',
        'Bearer ${env:SWITCHYARD_TOKEN}',
        'Bearer $SWITCHYARD_TOKEN',
        'Bearer <token>',
        'Bearer %s',
      ]),
    );
  });

  it('do not offer a header to clients that cannot send one', () => {
    for (const { parts } of CLIENT_RECIPES.filter(({ hosted }) => hosted)) {
      expect(
        parts(PLAIN)
          .map(({ kind, text }) => kind + text)
          .join('\n'),
      ).not.toMatch(/Bearer|SWITCHYARD_|file/);
    }
  });
});

describe('files', () => {
  const files = all(AWKWARD).filter(({ part }) => part.kind === 'file');

  it.each(files.map(({ id, part }) => [id, part] as const))('of %s are read back to the URL', (_, part) => {
    const entry = entryOf(part, AWKWARD.name);
    const args = (entry['args'] ?? []) as string[];

    expect([entry['url'], entry['httpUrl'], ...args]).toContain(AWKWARD.url);
  });

  it('are there for every client that people can sign in to with a token, too', () => {
    const both = CLIENT_RECIPES.filter(({ signIn }) => signIn.length === 2).map(({ id }) => id);

    expect([...new Set(files.map(({ id }) => id))]).toEqual(both);
  });
});

describe('links', () => {
  it('of Cursor carry the URL as Base64 of JSON', () => {
    for (const target of [PLAIN, AWKWARD]) {
      const [part] = findRecipe('cursor')?.parts(target) ?? [];
      const { origin, pathname, searchParams } = new URL(part?.text ?? '');

      expect(origin + pathname).toBe('https://cursor.com/en/install-mcp');
      expect(searchParams.get('name')).toBe(target.name);
      expect(JSON.parse(Buffer.from(searchParams.get('config') ?? '', 'base64').toString())).toEqual({
        url: target.url,
      });
    }
  });

  it('of VS Code carry the URL as JSON', () => {
    for (const target of [PLAIN, AWKWARD]) {
      const [part] = findRecipe('vscode')?.parts(target) ?? [];
      const { origin, pathname, searchParams } = new URL(part?.text ?? '');

      expect(origin + pathname).toBe('https://vscode.dev/redirect/mcp/install');
      expect(searchParams.get('name')).toBe(target.name);
      expect(JSON.parse(searchParams.get('config') ?? '')).toEqual({ type: 'http', url: target.url });
    }
  });

  it('have nothing left in them that a query reads as something else', () => {
    for (const { part } of all(AWKWARD).filter(({ part }) => part.kind === 'link')) {
      expect(new URL(part.text).search).toMatch(/^\?name=[\w.~%-]+&config=[\w.~%!*'()-]+$/);
    }
  });
});

describe('shell commands', () => {
  const commands = all(AWKWARD).filter(({ part }) => part.kind === 'shell');

  it.each(commands.map(({ id, part }) => [id, part.text] as const))('of %s are valid shell', (_, text) => {
    execFileSync('sh', ['-n', '-c', text]);
  });

  it.each(['claude-code', 'codex', 'gemini', 'inspector'])('of %s bring the URL as one word', (id) => {
    const [part] = findRecipe(id)?.parts(AWKWARD) ?? [];
    const [line = ''] = part?.text.split('\n') ?? [];

    expect(wordsOf(line)).toContain(AWKWARD.url);
  });

  it('of VS Code bring the connector as one JSON word', () => {
    const part = findRecipe('vscode')
      ?.parts(AWKWARD)
      .find(({ kind }) => kind === 'shell');

    expect(JSON.parse(wordsOf(part?.text ?? '').at(-1) ?? '')).toEqual({ ...AWKWARD, type: 'http' });
  });
});
