import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { CREDENTIALS, type Estate, startEstate } from './estate.ts';

let estate: Estate;
beforeAll(async () => void (estate = await startEstate()));
afterAll(() => estate.close());

const CALLS = [
  ['eng__getJiraIssue', 'ENG-1'],
  ['ops__getJiraIssue', 'OPS-1'],
  ['33333333__getJiraIssue', 'LAB-1'],
] as const;

async function useAllSites(client: Client): Promise<void> {
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(CALLS.map(([name]) => name)));
  for (const [name, key] of CALLS) {
    const result = await client.callTool({ name, arguments: { issueIdOrKey: key } });
    expect(JSON.stringify(result.content)).toContain(key);
  }
}

describe('real clients on three sites', () => {
  it('the official SDK client lists and calls', async () => {
    const client = await estate.connect();
    await useAllSites(client);
    await client.close();
  });

  it('mcp-remote lists and calls over stdio', async () => {
    const root = dirname(createRequire(import.meta.url).resolve('mcp-remote/package.json'));
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [
        join(root, 'dist/proxy.js'),
        `${estate.url}/mcp`,
        '--header',
        'Authorization:${AUTH}',
        '--transport',
        'http-only',
      ],
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', AUTH: CREDENTIALS.alice },
      stderr: 'ignore',
    });
    const client = new Client({ name: 'through-mcp-remote', version: '1' });
    await client.connect(transport);
    await useAllSites(client);
    await client.close();
  });

  it('many SDK clients at once share one upstream session of their caller', async () => {
    estate.emulator.control.clearRequests();
    const clients = await Promise.all(Array.from({ length: 8 }, () => estate.connect()));
    await Promise.all(
      clients.map((client) =>
        client.callTool({ name: 'eng__getJiraIssue', arguments: { issueIdOrKey: 'ENG-1' } }),
      ),
    );
    const sessions = new Set(estate.emulator.control.requests().map(({ sessionId }) => sessionId));
    expect(sessions.size).toBe(1);
    await Promise.all(clients.map((client) => client.close()));
  });
});
