import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { mcpRequest } from '../../src/cli/mcp-request.ts';
import { type Running, runSwitchyard, startSwitchyard } from './run-switchyard.ts';

interface Introduction {
  readonly mcpUrl: string;
  readonly adminUrl: string;
  readonly authorization: string;
  readonly credentials: readonly { readonly who: string; readonly authorization: string }[];
  readonly urls: { readonly site: string; readonly view: string };
  readonly modes: readonly { readonly mode: string; readonly url: string; readonly tools: number }[];
  readonly signIn: {
    readonly url: string;
    readonly connectUrl: string;
    readonly people: readonly { readonly name: string; readonly email: string; readonly sites: number }[];
  };
  readonly curl: string;
  readonly clientConfig: unknown;
}

const ANY_PORTS = ['--port', '0', '--admin-port', '0'];

let demo: Running;
let introduction: Introduction;
beforeAll(async () => {
  demo = startSwitchyard(['demo', '--json', ...ANY_PORTS]);
  await demo.said('stdout', '\n');
  introduction = JSON.parse(demo.stdout()) as Introduction;
});
afterAll(async () => {
  expect(await demo.end('SIGTERM')).toMatchObject({ code: 0 });
});

async function listTools(url: string, authorization: string): Promise<{ tools: { name: string }[] }> {
  return (await mcpRequest({ url, authorization }, 'tools/list', {})) as { tools: { name: string }[] };
}

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
      const { tools } = await listTools(mcpUrl, authorization);
      const sites = new Set(tools.map(({ name }) => /^[a-z0-9]+(?=__)/.exec(name)?.[0]).filter(Boolean));
      expect(`${who}: ${sites.size}`).toBe(`${who}: ${/(\d) site/.exec(who)?.[1]}`);
    }
  });

  it('prints URLs that answer', async () => {
    for (const url of [introduction.urls.site, introduction.urls.view]) {
      const { tools } = await listTools(url, introduction.authorization);
      expect(tools.length, url).toBeGreaterThan(1);
    }
    expect((await fetch(`${introduction.adminUrl}/readyz`)).status).toBe(200);
  });

  it('prints the modes with as many tools as they have, fewer from one to the next', async () => {
    const { modes, authorization } = introduction;

    expect(modes.map(({ mode }) => mode)).toEqual(['namespaced', 'merged', 'lean']);
    for (const { mode, url, tools } of modes) {
      const listed = await listTools(url, authorization);
      expect([mode, listed.tools.length]).toEqual([mode, tools]);
    }
    const counts = modes.map(({ tools }) => tools);
    expect(counts).toEqual([...counts].sort((a, b) => b - a));
  });

  it('prints a curl line that lists tools', async () => {
    const child = spawn('sh', ['-c', introduction.curl], { stdio: ['ignore', 'pipe', 'inherit'] });
    let answer = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));

    await once(child, 'close');

    expect(JSON.parse(answer)).toMatchObject({ id: 1, result: { tools: expect.any(Array) } });
  });

  it('prints where people sign in: the same origin serves MCP, OAuth and the page of linked sites', async () => {
    const { signIn, mcpUrl } = introduction;
    const { origin } = new URL(mcpUrl);

    const refused = await fetch(signIn.url, { method: 'POST', body: '{}' });
    const where = /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '')?.[1];
    const resource = (await (await fetch(where ?? '')).json()) as { authorization_servers: string[] };
    const server = await fetch(`${origin}/.well-known/oauth-authorization-server`);
    const connect = await fetch(signIn.connectUrl, { redirect: 'manual' });

    expect(refused.status).toBe(401);
    expect(resource).toMatchObject({ resource: mcpUrl, authorization_servers: [origin] });
    expect(await server.json()).toMatchObject({ issuer: origin });
    expect(connect.status).toBeLessThan(400);
    expect(signIn.people.map(({ email, sites }) => [email, sites])).toEqual([
      ['alice@demo.example', 3],
      ['bob@demo.example', 1],
      ['carol@demo.example', 3],
    ]);
  });

  it('says the same to people, and no URL of it leads nowhere', async () => {
    const other = startSwitchyard(['demo', ...ANY_PORTS]);
    await other.said('stdout', 'Ctrl-C ends it.');
    const text = other.stdout();
    const urls = new Set(text.match(/http:\/\/127\.0\.0\.1[^\s'",)]+/g));

    const statuses = await Promise.all(
      [...urls].map(async (url) => [url, (await fetch(url)).status] as const),
    );

    expect(urls.size).toBeGreaterThanOrEqual(7);
    expect(
      statuses.filter(([url, status]) => status >= 500 || (status === 404 && !isAdmin(url, text))),
    ).toEqual([]);
    expect(text).toContain('claude mcp add --transport http switchyard http://127.0.0.1:');
    expect(text).toMatch(/lean +\d+ tools +http/);
    for (const { name, email } of introduction.signIn.people) expect(text).toContain(`${name}, ${email}, `);
    expect(await other.end('SIGINT')).toMatchObject({ code: 0 });
  });

  it('is not touched by the settings of a real deployment', async () => {
    const other = startSwitchyard(['demo', '--json', ...ANY_PORTS], {
      SWITCHYARD_LISTEN__HOST: 'not.a.host.example',
      SWITCHYARD_REDIS__URL: 'nonsense',
      SWITCHYARD_CONFIG: 'not-there.yaml',
    });
    await other.said('stdout', '\n');

    expect(await other.end('SIGINT')).toMatchObject({ code: 0 });
  });
});

/** The admin listener has nothing at its root; the line says which paths it has. */
function isAdmin(url: string, text: string): boolean {
  return text.includes(`admin       ${url}  (/metrics, /readyz, /admin/v1/sites)`);
}
