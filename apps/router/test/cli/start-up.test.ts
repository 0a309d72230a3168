import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it, onTestFinished } from 'vitest';

import { runSwitchyard } from './run-switchyard.ts';

const NOBODY = 'http://127.0.0.1:1';

/** The files outside the router that a command loads, by node's own record of what ran: package and path. */
async function loadedBy(args: readonly string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-start-up-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await runSwitchyard(args, { NODE_V8_COVERAGE: folder });
  const scripts = readdirSync(folder).flatMap((name) => {
    const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as { result: { url: string }[] };
    return result.map(({ url }) => url);
  });
  expect(scripts.some((url) => url.endsWith('/apps/router/dist/cli/main.js'))).toBe(true);
  return scripts.flatMap((url) => /.*\/(?:node_modules|packages)\/(.*)/.exec(url)?.[1] ?? []);
}

function packagesOf(files: readonly string[]): string[] {
  return [...new Set(files.map((file) => file.split('/')[0] ?? ''))].toSorted();
}

describe('a command that reads no configuration', () => {
  it.each([
    [['--help']],
    [['version']],
    [['tools', '--url', NOBODY]],
    [['token', 'list', '--admin-url', NOBODY]],
  ])('loads the flags and the words that they may have, and nothing else: %j', async (args) => {
    const files = await loadedBy(args);

    expect(packagesOf(files)).toEqual(['audit', 'catalogue', 'commander']);
    expect(files.filter((file) => /^(?:audit|catalogue)/.test(file)).toSorted()).toEqual([
      'audit/dist/words.js',
      'catalogue/dist/mode.js',
    ]);
  });
});

describe('a command that reads one', () => {
  it.each([['check-config'], ['sites'], ['serve'], ['doctor']])(
    'loads no server before it has read it: %s',
    async (command) => {
      const files = await loadedBy([command, '--config', 'not-there.yaml']);

      for (const name of packagesOf(files))
        expect([
          'audit',
          'catalogue',
          'commander',
          'identity',
          'json-text',
          'minisearch',
          'yaml',
          'zod',
        ]).toContain(name);
      expect(files.filter((file) => file.startsWith('identity/')).toSorted()).toEqual([
        'identity/dist/errors.js',
        'identity/dist/inbound/parse-cidr.js',
      ]);
    },
  );
});
