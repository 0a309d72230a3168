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
  readonly credentials: readonly { readonly who: string; readonly authorization: string }[];
  readonly urls: { readonly site: string; readonly view: string };
  readonly curl: string;
  readonly clientConfig: unknown;
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

describe('switchyard demo', () => {
  it('refuses a port that is no number with exit 3, and one in use with exit 4', async () => {
    const port = new URL(introduction.mcpUrl).port;

    const wrong = await runSwitchyard(['demo', '--port', 'x']);
    const used = await runSwitchyard(['demo', '--port', port, '--admin-port', '0']);

    expect(wrong).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('--port: "listen.port" must be a number'),
    });
    expect(used).toMatchObject({
      code: 4,
      stdout: '',
      stderr: expect.stringContaining(`:${port} is in use`),
    });
  });

  it('prints where it is, how to come in and what to paste', () => {
    const { mcpUrl, adminUrl, authorization } = introduction;

    expect(demo.stdout().trimEnd().split('\n')).toHaveLength(1);
    expect(mcpUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
    expect(adminUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(introduction).toMatchObject({
      authorization: introduction.credentials[0]?.authorization,
      urls: { site: `${mcpUrl}/sites/eng`, view: `${mcpUrl}/views/triage` },
      curl: expect.stringContaining(`curl -s ${mcpUrl} -H 'Authorization: ${authorization}'`),
      clientConfig: {
        mcpServers: { switchyard: { type: 'http', url: mcpUrl, headers: { Authorization: authorization } } },
      },
    });
  });

  it('prints credentials that work, each on the sites that it names', async () => {
    const { credentials, mcpUrl } = introduction;

    expect(credentials.length).toBeGreaterThanOrEqual(3);
    for (const { who, authorization } of credentials) {
      const given = { SWITCHYARD_URL: mcpUrl, SWITCHYARD_AUTHORIZATION: authorization };
      const { code, stdout } = await runSwitchyard(['tools'], given);
      const sites = new Set(stdout.match(/^[a-z0-9]+(?=__)/gm));
      expect({ who, code }).toEqual({ who, code: 0 });
      expect(`${who}: ${sites.size}`).toBe(`${who}: ${/(\d) site/.exec(who)?.[1]}`);
    }
  });

  it('prints URLs that answer', async () => {
    for (const url of [introduction.urls.site, introduction.urls.view]) {
      expect(await runSwitchyard(['tools', '--url', url], env)).toMatchObject({ code: 0 });
    }
    expect((await fetch(`${introduction.adminUrl}/readyz`)).status).toBe(200);
  });

  it('prints a curl line that lists tools', async () => {
    const child = spawn('sh', ['-c', introduction.curl], { stdio: ['ignore', 'pipe', 'inherit'] });
    let answer = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));

    await once(child, 'close');

    expect(JSON.parse(answer)).toMatchObject({ id: 1, result: { tools: expect.any(Array) } });
  });

  it('is not touched by the settings of a real deployment', async () => {
    const other = startSwitchyard(['demo', '--json', '--port', '0', '--admin-port', '0'], {
      SWITCHYARD_LISTEN__HOST: 'not.a.host.example',
      SWITCHYARD_REDIS__URL: 'nonsense',
      SWITCHYARD_CONFIG: 'not-there.yaml',
    });
    await other.said('stdout', '\n');

    expect(await other.end('SIGINT')).toMatchObject({ code: 0 });
  });
});
