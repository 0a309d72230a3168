import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Running, runSwitchyard, startSwitchyard } from './run-switchyard.ts';

interface Introduction {
  readonly mcpUrl: string;
  readonly adminUrl: string;
  readonly authorization: string;
  readonly urls: { readonly site: string };
}

let demo: Running;
let introduction: Introduction;
let env: Record<string, string> = {};
beforeAll(async () => {
  demo = startSwitchyard(['demo', '--json', '--port', '0', '--admin-port', '0']);
  await demo.said('stdout', '\n');
  introduction = JSON.parse(demo.stdout()) as Introduction;
  env = { SWITCHYARD_URL: introduction.mcpUrl, SWITCHYARD_AUTHORIZATION: introduction.authorization };
});
afterAll(async () => {
  expect(await demo.end('SIGTERM')).toMatchObject({ code: 0 });
});

describe('tools and call without authority', () => {
  it.each([
    ['no credential', {}],
    ['a wrong bearer token', { SWITCHYARD_TOKEN: 'hunter2' }],
    ['a wrong API token', { SWITCHYARD_EMAIL: 'alice@demo.example', SWITCHYARD_API_TOKEN: 'hunter2' }],
    ['half a credential', { SWITCHYARD_EMAIL: 'alice@demo.example' }],
    [
      'an account of somewhere else',
      { SWITCHYARD_EMAIL: 'dave@elsewhere.example', SWITCHYARD_API_TOKEN: 'demo-dave-token' },
    ],
  ])('exit 5, with a sentence on stderr and no secret: %s', async (_name, credential) => {
    for (const args of [['tools'], ['call', 'switchyard_sites']]) {
      const { code, stdout, stderr } = await runSwitchyard(args, {
        SWITCHYARD_URL: introduction.mcpUrl,
        ...credential,
      });
      expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
      expect(stderr).toMatch(/^switchyard: .{20,}\n$/);
      expect(stderr).not.toContain('hunter2');
    }
    expect(demo.stderr()).not.toMatch(/hunter2|aHVudGVyMg|demo-dave-token/);
  });
});

describe('tools and call where nothing answers', () => {
  let broken: Server;
  beforeAll(async () => {
    broken = createServer((req, res) => {
      const status = Number(req.url?.slice(1));
      res.writeHead(status).end('<html>');
    }).listen(0, '127.0.0.1');
    await once(broken, 'listening');
  });
  afterAll(() => void broken.close());
  const at = (path: string): string => `http://127.0.0.1:${(broken.address() as AddressInfo).port}${path}`;

  it('exit 4 when nobody listens', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await once(free, 'listening');
    const url = `http://127.0.0.1:${(free.address() as AddressInfo).port}/mcp`;
    free.close();
    await once(free, 'close');

    const { code, stdout, stderr } = await runSwitchyard(['tools', '--json'], {
      ...env,
      SWITCHYARD_URL: url,
    });

    expect(code).toBe(4);
    expect(stderr).toContain(`switchyard: ${url} cannot be reached:`);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      error: expect.stringContaining('cannot be reached'),
    });
  });

  it.each([
    ['/503', 4],
    ['/500', 4],
    ['/403', 5],
    ['/404', 1],
    ['/200', 1],
  ])('exit by the status when it is no Switchyard: %s', async (path, code) => {
    const finished = await runSwitchyard(['tools', '--url', at(path)], env);

    expect(finished).toEqual({ code, stdout: '', stderr: `switchyard: HTTP ${path.slice(1)}\n` });
  });
});

describe('tools and call that are given nonsense', () => {
  it.each([
    ['a URL that is none', ['tools', '--url', 'localhost'], {}, '--url is not an http:// or https:// URL'],
    ['a URL of another kind', ['tools', '--url', 'ftp://x/'], {}, '--url is not an http:// or https:// URL'],
    [
      'a URL with a password',
      ['tools', '--url', 'http://u:hunter2@127.0.0.1/'],
      {},
      '--url must not hold a user or password',
    ],
    [
      'a bad URL in the environment',
      ['tools'],
      { SWITCHYARD_URL: 'hunter2' },
      'SWITCHYARD_URL is not an http://',
    ],
    [
      'a credential over two lines',
      ['tools'],
      { SWITCHYARD_AUTHORIZATION: 'Bearer hunter2\nx' },
      'no header can carry',
    ],
    ['arguments that are no JSON', ['call', 'x', '--args', '{'], {}, '--args: not valid JSON'],
    ['arguments that are a list', ['call', 'x', '--args', '[]'], {}, '--args must be a JSON object'],
    [
      'an argument without a value',
      ['call', 'x', '--arg', 'jql'],
      {},
      '--arg jql: write key=text, or key:=json',
    ],
    ['an argument that is no JSON', ['call', 'x', '--arg', 'n:=ten'], {}, '--arg n: not valid JSON'],
  ])('exit 2: %s', async (_name, args, given, fragment) => {
    const { code, stdout, stderr } = await runSwitchyard(args, { ...env, ...given });

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(fragment);
    expect(stderr).not.toContain('hunter2');
  });

  it('exit 3 when the configuration that says where is invalid', async () => {
    const { code } = await runSwitchyard(['tools', '--config', 'not-there.yaml']);

    expect(code).toBe(3);
  });
});

describe('switchyard tools', () => {
  it('lists tools with site, product and access', async () => {
    const { code, stdout, stderr } = await runSwitchyard(['tools'], env);

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^NAME +SITE +PRODUCT +ACCESS\n/);
    expect(stdout).toMatch(/^eng__getJiraIssue +eng +jira +read$/m);
    expect(stdout).toMatch(/^33333333__getJiraIssue +33333333 +jira +read$/m);
  });

  it('prints what the server said as JSON, under the names of the URL', async () => {
    const { stdout } = await runSwitchyard(['tools', '--json', '--url', introduction.urls.site], env);

    const { tools } = JSON.parse(stdout) as { tools: { name: string }[] };
    expect(tools.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['getJiraIssue', 'switchyard_sites']),
    );
  });

  it('prints what each mode costs, and what clients would drop', async () => {
    const talk = await runSwitchyard(['tools', '--budget'], env);
    const { stdout } = await runSwitchyard(['tools', '--budget', '--json'], env);
    const { budgets } = JSON.parse(stdout) as {
      budgets: {
        mode: string;
        tools: number;
        tokens: number;
        clients: { client: string; dropped: number }[];
      }[];
    };
    const [namespaced, merged, lean] = budgets;

    expect(talk.stdout).toMatch(/^MODE +TOOLS +TOKENS +CURSOR \(40\)/);
    expect(talk.stdout).toMatch(/^lean +8 +~\d+ +all +all/m);
    expect(budgets.map(({ mode }) => mode)).toEqual(['namespaced', 'merged', 'lean']);
    expect(namespaced?.tools).toBeGreaterThan(merged?.tools ?? 0);
    expect(merged?.tokens).toBeGreaterThan((lean?.tokens ?? 0) * 5);
    expect(lean?.clients.map(({ dropped }) => dropped)).toEqual([0, 0, 0, 0]);
  });

  it('ends quietly when its reader has read enough', async () => {
    const program = fileURLToPath(new URL('../../bin/switchyard.js', import.meta.url));
    const child = spawn(process.execPath, [program, 'tools', '--json'], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.stdout.once('data', () => child.stdout.destroy());

    const [code] = (await once(child, 'exit')) as [number];

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('switchyard call', () => {
  it.each([
    ['a tool that is not there', ['eng/noSuchTool'], 'switchyard: Unknown tool: eng__noSuchTool\n'],
    ['a tool of no site', ['sales/getJiraIssue'], 'switchyard: Unknown tool: sales__getJiraIssue\n'],
  ])('exits 1 on %s', async (_name, args, talk) => {
    expect(await runSwitchyard(['call', ...args], env)).toEqual({ code: 1, stdout: '', stderr: talk });
  });

  it('exits 1 when the tool fails, with the answer on stdout', async () => {
    const { code, stdout, stderr } = await runSwitchyard(
      ['call', 'eng/getJiraIssue', '--arg', 'issueIdOrKey=ENG-99999'],
      env,
    );

    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toContain('Issue does not exist');
  });

  it.each([
    ['one by one', ['--arg', 'issueIdOrKey=ENG-1']],
    ['as JSON values', ['--arg', 'issueIdOrKey:="ENG-1"', '--arg', 'fields:=["summary"]']],
    ['all at once', ['--args', '{"issueIdOrKey":"ENG-1"}']],
    ['mixed, the single one winning', ['--args', '{"issueIdOrKey":"OPS-1"}', '--arg', 'issueIdOrKey=ENG-1']],
  ])('takes arguments %s', async (_name, args) => {
    const { code, stdout } = await runSwitchyard(['call', 'eng/getJiraIssue', ...args], env);

    expect(code).toBe(0);
    expect(stdout).toContain('ENG-1');
  });

  it('prints the whole result as JSON', async () => {
    const { code, stdout } = await runSwitchyard(
      ['call', 'eng__getJiraIssue', '--json', '--arg', 'issueIdOrKey=ENG-1'],
      env,
    );

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      content: [{ type: 'text', text: expect.stringContaining('ENG-1') }],
    });
  });
});
