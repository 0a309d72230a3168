import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { fileURLToPath } from 'node:url';

import { createEmulator, type Emulator } from '@switchyard/rovo-emulator';
import { afterEach, describe, expect, it } from 'vitest';

import { configText, CREDENTIALS } from '../estate.ts';

const CERT = fileURLToPath(new URL('localhost.cert.pem', import.meta.url));
const KEY = fileURLToPath(new URL('localhost.key.pem', import.meta.url));
const PROGRAM = fileURLToPath(new URL('../../../bin/switchyard.js', import.meta.url));

const opened: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close();
});

/** The emulator behind TLS, with a certificate that only this test knows. */
async function startHttpsSite(): Promise<string> {
  const emulator: Emulator = createEmulator();
  const { port } = await emulator.listen({ port: 0 });
  const server: Server = createServer({ key: readFileSync(KEY), cert: readFileSync(CERT) }, (inside) => {
    const outside = connect(port, '127.0.0.1');
    inside.on('error', () => outside.destroy()).pipe(outside);
    outside.on('error', () => inside.destroy()).pipe(inside);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push(async () => {
    server.close();
    await emulator.close();
  });
  const address = server.address();
  return `https://localhost:${address !== null && typeof address === 'object' ? address.port : 0}`;
}

/** The real program: what Node trusts is decided when a process starts. */
async function startRouter(upstream: string, trusted: boolean): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-tls-'));
  const file = join(folder, 'switchyard.yaml');
  writeFileSync(file, configText(upstream, [{ name: 'eng', alias: 'eng' }]));
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, 'serve', '--json', '--config', file], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env['PATH'] ?? '', ...(trusted && { NODE_EXTRA_CA_CERTS: CERT }) },
  });
  opened.push(async () => {
    child.kill();
    await once(child, 'exit');
    rmSync(folder, { recursive: true });
  });
  const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
  return (JSON.parse(line.toString()) as { mcpUrl: string }).mcpUrl;
}

async function post(url: string, method: string, params: unknown): Promise<{ status: number; text: string }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: CREDENTIALS.alice, 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  return { status: response.status, text: await response.text() };
}

describe('a site behind https, as every real one is', () => {
  it('is listed and called over connections that are kept', async () => {
    const url = await startRouter(await startHttpsSite(), true);

    const list = await post(url, 'tools/list', {});
    const calls = await Promise.all(
      ['ENG-1', 'ENG-2', 'ENG-3'].map((issueIdOrKey) =>
        post(url, 'tools/call', { name: 'eng__getJiraIssue', arguments: { issueIdOrKey } }),
      ),
    );

    expect(list.text).toContain('"name":"eng__getJiraIssue"');
    expect(calls.map(({ text }) => /ENG-\d/.exec(text)?.[0])).toEqual(['ENG-1', 'ENG-2', 'ENG-3']);
  });

  it('is not trusted with a certificate that nobody vouches for', async () => {
    const url = await startRouter(await startHttpsSite(), false);
    const { status, text } = await post(url, 'tools/list', {});
    expect(status).toBe(503);
    expect(text).not.toContain('demo-alice-token');
  });
});
