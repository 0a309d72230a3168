import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Stream } from 'node:stream';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';

import { findRecipe } from '../../../src/clients/client-recipes.ts';
import { startBrowser } from '../../browser.ts';
import { type Running, startSwitchyard } from '../../cli/run-switchyard.ts';

interface Introduction {
  readonly mcpUrl: string;
  readonly signIn: { readonly connectUrl: string };
}

let browser: Browser;
let home: string;
let demo: Running;
let introduction: Introduction;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'switchyard-demo-'));
  browser = await startBrowser();
  demo = startSwitchyard(['demo', '--json', '--port', '0', '--admin-port', '0']);
  await demo.said('stdout', '\n');
  introduction = JSON.parse(demo.stdout()) as Introduction;
});
afterAll(async () => {
  expect(await demo.end('SIGTERM')).toMatchObject({ code: 0 });
  await browser.close();
  rmSync(home, { recursive: true, force: true });
});

/** The recipe's file is taken at its word, but for `npx`, which would ask the registry. */
function mcpRemote(url: string): StdioClientTransport {
  const [part] = findRecipe('mcp-remote')?.parts({ name: 'switchyard', url }) ?? [];
  const file = JSON.parse(part?.text ?? '') as { mcpServers: { switchyard: { args: string[] } } };
  const [yes, version, ...args] = file.mcpServers.switchyard.args;
  expect([yes, version]).toEqual(['-y', 'mcp-remote@0.15']);
  const program = join(
    dirname(createRequire(import.meta.url).resolve('mcp-remote/package.json')),
    'dist/proxy.js',
  );
  // Nobody looks at a browser of its own.
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, BROWSER: 'true' };
  return new StdioClientTransport({
    command: process.execPath,
    args: [program, ...args],
    env,
    stderr: 'pipe',
  });
}

/** Where a program that cannot open the browser asks its user to go. */
function signInPage(talk: Stream | null): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    talk?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const url = /http\S+\/oauth\/authorize\?\S+/.exec(said)?.[0];
      if (url !== undefined) resolve(url);
    });
  });
}

async function signIn(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByRole('button', { name: /continue/i }).click();
  await page.getByRole('button', { name: /alice/i }).click();
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.waitForURL(/\/oauth\/callback\?/);
}

async function linkAtAtlassian(
  page: Page,
  { connectUrl }: Introduction['signIn'],
  site: string,
): Promise<void> {
  await page.goto(`${connectUrl}/${site}`);
  await page.getByRole('button', { name: 'Continue to Atlassian' }).click();
  await page.getByRole('link', { name: /^Continue to/ }).click();
  await page.getByRole('button', { name: /alice/i }).click();
  await page.getByRole('button', { name: 'Accept' }).click();
  await page.waitForURL(`${connectUrl}**`);
}

it('lets a client in that has nothing but the URL: sign in, link a site, call it as oneself', async () => {
  const transport = mcpRemote(introduction.mcpUrl);
  const client = new Client({ name: 'through-mcp-remote', version: '1' });
  onTestFinished(() => client.close());
  const page = await browser.newPage();
  page.setDefaultTimeout(5_000);

  const connected = client.connect(transport);
  await signIn(page, await signInPage(transport.stderr));
  await connected;
  const before = await client.callTool({ name: 'eng__atlassianUserInfo', arguments: {} });
  await linkAtAtlassian(page, introduction.signIn, 'eng');
  const after = await client.callTool({ name: 'eng__atlassianUserInfo', arguments: {} });

  expect(before).toMatchObject({ isError: true, _meta: { 'switchyard/reason': 'not_connected' } });
  expect(JSON.stringify(before.content)).toContain(`${introduction.signIn.connectUrl}/eng`);
  expect(JSON.stringify(after.content)).toContain('alice@demo.example');
});
