import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SKIPPED = new Set(['node_modules', 'dist', 'coverage']);

/** Every file below a folder, relative to the repository. */
function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return SKIPPED.has(entry.name) || entry.name.startsWith('.') ? [] : filesBelow(path);
    return [path];
  });
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

const documents = filesBelow('.').filter((path) => path.endsWith('.md'));

/** What a reader sees as text: an example is no link. */
function withoutCode(markdown: string): string {
  return markdown.replaceAll(/^ *```[\s\S]*?^ *```/gm, '').replaceAll(/`[^`\n]*`/g, '');
}

/** The anchors that GitHub gives the headings of a document. */
function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ''] of markdown.replaceAll(/^ *```[\s\S]*?^ *```/gm, '').matchAll(/^#+ +(.+)$/gm)) {
    const slug = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count += 1) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

interface Link {
  readonly from: string;
  readonly target: string;
}

const links = documents.flatMap((from) =>
  [...withoutCode(read(from)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']): Link => ({ from, target }))
    .filter(({ target }) => !/^[a-z][a-z+.-]*:/.test(target)),
);

/** What is wrong with a link, if anything. */
function faultOf({ from, target }: Link): string | undefined {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? from : relative(ROOT, resolve(ROOT, dirname(from), decodeURI(path)));
  if (file.startsWith('..') || !existsSync(join(ROOT, file))) return `${from}: ${target} does not exist`;
  if (anchor === undefined) return undefined;
  if (!file.endsWith('.md') || !anchorsOf(read(file)).has(anchor))
    return `${from}: ${target} has no such heading`;
  return undefined;
}

describe('links', () => {
  it('all lead somewhere', () => {
    expect(links.map(faultOf).filter((fault) => fault !== undefined)).toEqual([]);
    expect(links.length).toBeGreaterThan(60);
  });

  it('are refused when the file or the heading is missing', () => {
    expect(faultOf({ from: 'README.md', target: 'docs/nowhere.md' })).toBeDefined();
    expect(faultOf({ from: 'README.md', target: 'AGENTS.md#nowhere' })).toBeDefined();
    expect(faultOf({ from: 'README.md', target: '../elsewhere.md' })).toBeDefined();
    expect(faultOf({ from: 'docs/README.md', target: '../AGENTS.md#how-to-add' })).toBeUndefined();
  });

  it('bring the index of documents to every document', () => {
    const indexed = links
      .filter(({ from }) => from === 'docs/README.md')
      .map(({ target }) => join('docs', target.split('#')[0] ?? ''));
    const inDocs = documents.filter((path) => path.startsWith('docs/') && path !== 'docs/README.md');

    expect(inDocs.filter((path) => !indexed.includes(path))).toEqual([]);
    expect(inDocs.length).toBeGreaterThan(30);
  });
});

/** Paths of the repository in code spans, such as `packages/wire/src/json-rpc.ts` or `docs/decisions`. */
function citedPaths(path: string): string[] {
  const spans = [
    ...read(path).matchAll(/`((?:apps|bench|conformance|deploy|docs|packages|scripts|test)\/[\w./-]+)`/g),
  ];
  return spans.map(([, cited = '']) => cited.replace(/\/$/, ''));
}

/** What git ignores: secrets of the operator, results of a run. */
const WRITTEN_LATER = /^(?:deploy\/secrets|bench\/results)\//;

const OWN = documents.filter((path) => /^(?:[A-Z]+\.md|docs\/)/.test(path));

describe('cited files', () => {
  it('exist', () => {
    const cited = OWN.flatMap((path) => citedPaths(path).map((file) => ({ path, file })));
    const missing = cited.filter(({ file }) => !existsSync(join(ROOT, file)) && !WRITTEN_LATER.test(file));

    expect(missing).toEqual([]);
    expect(cited.length).toBeGreaterThan(60);
  });

  it('include tests for each of the twelve invariants', () => {
    const sections = read('docs/invariants.md').split(/^## /m).slice(1);
    const cited = sections.map((section) => ({
      id: /^I\d+/.exec(section)?.[0],
      tests: [...section.matchAll(/`([\w./-]+\.(?:test|e2e|contract)\.ts)`/g)].map(([, file = '']) => file),
    }));

    expect(cited.map(({ id }) => id)).toEqual(Array.from({ length: 12 }, (_, at) => `I${at + 1}`));
    for (const { id, tests } of cited) {
      expect(tests, id).not.toEqual([]);
      for (const file of tests) expect(statSync(join(ROOT, file)).isFile(), file).toBe(true);
    }
  });
});

describe('AGENTS.md', () => {
  it('stays a map: at most 120 lines', () => {
    const lines = read('AGENTS.md').trimEnd().split('\n').length;

    expect(lines).toBeGreaterThan(40);
    expect(lines).toBeLessThanOrEqual(120);
  });

  it('names every package and app', () => {
    const folders = ['packages', 'apps'].flatMap((parent) =>
      readdirSync(join(ROOT, parent), { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && existsSync(join(ROOT, parent, entry.name, 'package.json')))
        .map((entry) => `${parent}/${entry.name}`),
    );

    expect(folders.filter((folder) => !read('AGENTS.md').includes(`\`${folder}`))).toEqual([]);
    expect(folders.length).toBeGreaterThan(7);
  });
});

describe('commands in the documents', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };

  it('begin in README.md with the two that matter', () => {
    const first = /```sh\n([\s\S]*?)```/.exec(read('README.md'))?.[1] ?? '';

    expect(first.split('\n')[0]).toMatch(/^npm ci && npm start\b/);
    expect(first.split('\n')[1]).toMatch(/^npm ci && npm test\b/);
    expect(scripts).toHaveProperty('start');
    expect(scripts).toHaveProperty('test');
  });

  it('are scripts of package.json', () => {
    const named = OWN.flatMap((path) =>
      [...read(path).matchAll(/\bnpm run ([\w:-]+)/g)].map(([, script = '']) => script),
    );

    expect(named.filter((script) => !Object.hasOwn(scripts, script))).toEqual([]);
    expect(named.length).toBeGreaterThan(2);
  });
});

describe('decisions', () => {
  const names = readdirSync(join(ROOT, 'docs/decisions')).sort();

  it('are numbered without a gap', () => {
    expect(names.map((name) => name.slice(0, 5))).toEqual(
      names.map((_, at) => `${String(at + 1).padStart(4, '0')}-`),
    );
    expect(names.length).toBeGreaterThan(24);
  });

  it.each(names)('%s says problem, decision, alternatives and consequences, and bears its number', (name) => {
    const text = read(join('docs/decisions', name));

    expect(text.startsWith(`# ${name.slice(0, 4)} `)).toBe(true);
    expect([...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)).toEqual([
      'Problem',
      'Decision',
      'Alternatives',
      'Consequences',
    ]);
  });
});

describe('docs/errors.md', () => {
  const page = read('docs/errors.md');
  const owners = ['packages', 'apps/router']
    .flatMap(filesBelow)
    .filter((path) => /\/src\/.*\.ts$/.test(path));
  /** Literals joined, escapes undone: the sources as they will read. */
  const source = owners
    .map((path) =>
      read(path)
        .replaceAll(/['"`]\s*\+\s*['"`]/g, '')
        .replaceAll('\\', ''),
    )
    .join('\n');

  /** The code spans below each `Text begins`, and what else the page says in full. */
  function texts(): string[] {
    const rows = page.split('\n').filter((line) => line.startsWith('|'));
    let column = -1;
    return rows.flatMap((row) => {
      const cells = row.split('|').map((cell) => cell.trim());
      if (cells.includes('Text begins')) column = cells.indexOf('Text begins');
      return [...(cells[column] ?? '').matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);
    });
  }

  it('quotes texts that the source has', () => {
    const fragments = texts()
      .flatMap((text) => text.split('<…>'))
      .map((fragment) => fragment.trim())
      .filter((fragment) => fragment.length > 2);

    expect(fragments.filter((fragment) => !source.includes(fragment))).toEqual([]);
    expect(fragments.length).toBeGreaterThan(60);
  });

  it.each([
    ['packages/identity/src/inbound/refusals.ts', 9],
    ['apps/router/src/gateway/site-failure.ts', 5],
  ])('names every reason of %s', (path, least) => {
    const reasons = new Set([...read(path).matchAll(/reason: '(\w+)'/g)].map(([, reason = '']) => reason));

    expect([...reasons].filter((reason) => !page.includes(`\`${reason}\``))).toEqual([]);
    expect(reasons.size).toBeGreaterThanOrEqual(least);
  });

  it.each([
    ['packages/wire/src/json-rpc.ts', /Invalid Request: [a-z][^'`$]*|Parse error: [^'`$]*/g, 4],
    ['apps/router/src/http', /message:\s*['`]([A-Z][^'`$]{9,})/g, 6],
    ['apps/router/src/gateway', /bad\(['`]([^'`$]{9,})/g, 4],
  ])('has the messages of %s', (path, pattern, least) => {
    const sources = path.endsWith('.ts') ? [path] : filesBelow(path);
    const messages = sources
      .flatMap((file) => [...read(file).matchAll(pattern)])
      .map(([whole, message]) => (message ?? whole).split('"')[0]?.trim().slice(0, 40) ?? '');

    expect(messages.filter((message) => !page.includes(message))).toEqual([]);
    expect(messages.length).toBeGreaterThanOrEqual(least);
  });
});
