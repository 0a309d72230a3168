import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, it } from 'vitest';

import { type Estate, startEstate } from '../estate.ts';
import { type Connect, showsTrouble, useBothSites } from './both-sites.ts';
import { sdkClient } from './libraries.ts';
import { startSigningHop } from './signing-hop.ts';

const run = promisify(execFile);
const LARGEST_LIST = 64 * 1024 * 1024;

let estate: Estate;
let home: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'switchyard-clients-'));
  estate = await startEstate();
});
afterAll(async () => {
  await estate.close();
  rmSync(home, { recursive: true, force: true });
});

const require = createRequire(import.meta.url);
const MCP_REMOTE = join(dirname(require.resolve('mcp-remote/package.json')), 'dist/proxy.js');
const INSPECTOR = join(
  dirname(require.resolve('@modelcontextprotocol/inspector/package.json')),
  'cli/build/cli.js',
);

/** The surroundings of a child: nothing of ours but the way to `node`. */
function surroundings(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`, HOME: home, ...more };
}

const connectMcpRemote: Connect = async (url, authorization) => {
  const client = new Client({ name: 'through-mcp-remote', version: '1' });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [MCP_REMOTE, url, '--header', 'Authorization:${AUTH}', '--transport', 'http-only'],
      env: surroundings({ AUTH: authorization }),
      stderr: 'ignore',
    }),
  );
  return sdkClient(client);
};

/** One process a request, as it is used in scripts. This version sends no headers of its user's. */
const connectInspector: Connect = async (url, authorization) => {
  const { origin, pathname } = new URL(url);
  const hop = await startSigningHop(origin, authorization);
  async function inspect(...args: string[]): Promise<unknown> {
    const { stdout } = await run(
      process.execPath,
      [INSPECTOR, '--cli', hop.url + pathname, '--transport', 'http', ...args],
      { env: surroundings(), maxBuffer: LARGEST_LIST },
    );
    return JSON.parse(stdout);
  }
  return {
    async listNames() {
      const { tools } = (await inspect('--method', 'tools/list')) as { tools: { name: string }[] };
      return tools.map(({ name }) => name);
    },
    call(name, args) {
      const pairs = Object.entries(args).flatMap(([key, value]) => ['--tool-arg', `${key}=${String(value)}`]);
      return inspect('--method', 'tools/call', '--tool-name', name, ...pairs);
    },
    close: () => hop.close(),
  };
};

describe.each([
  ['mcp-remote over stdio', connectMcpRemote],
  ["the Inspector's command line", connectInspector],
])('%s', (_, connect) => {
  it('shows its user what is the matter with a site', async () => {
    await showsTrouble(estate, connect);
  });

  it('lists every tool and calls two sites', async () => {
    await useBothSites(estate, connect);
  });
});
