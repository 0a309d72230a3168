import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it, onTestFinished } from 'vitest';

import { CLIENT_RECIPES } from '../../src/clients/client-recipes.ts';
import { refused } from './refused.ts';
import { runSwitchyard } from './run-switchyard.ts';

const URL_FLAG = ['--url', 'https://mcp.acme.example'];

interface Said {
  readonly url: string;
  readonly name: string;
  readonly warnings: readonly string[];
}

async function clientJson(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Said & { readonly code: number | null; readonly stderr: string }> {
  const { code, stdout, stderr } = await runSwitchyard(['client', 'claude-code', '--json', ...args], env);
  return { code, stderr, ...(JSON.parse(stdout) as Said) };
}

describe('switchyard client refuses', () => {
  it.each([
    ['a client that it does not know', ['claud'], 'did you mean "claude"?; there are claude, chatgpt,'],
    ['a URL that is none', ['curl', '--url', 'mcp.acme.example'], '--url is not an http:// or https:// URL'],
    ['a URL with a password', ['curl', '--url', 'https://a:b@acme.example'], '--url must not hold a user'],
    ['a site that no path takes', ['curl', ...URL_FLAG, '--site', '../admin'], '--site: write an alias'],
    ['a view that no configuration has', ['curl', ...URL_FLAG, '--view', 'a b'], '--view: write the name'],
    [
      'a site where the URL names one',
      ['curl', '--url', 'https://mcp.acme.example/mcp/sites/eng', '--site', 'ops'],
      'The URL names a site or a view already',
    ],
  ])('%s', async (_, args, message) => {
    const { code, message: said } = await refused(['client', ...args]);

    expect(code).toBe(2);
    expect(said).toContain(message);
  });

  it.each([
    [
      'a site and a view at once',
      ['--site', 'eng', '--view', 'triage'],
      "cannot be used with option '--view",
    ],
    ['a mode that there is not', ['--mode', 'flat'], 'Allowed choices are namespaced, merged, lean'],
  ])('%s', async (_, args, message) => {
    const { code, stderr } = await runSwitchyard(['client', 'curl', ...URL_FLAG, ...args]);

    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('switchyard client', () => {
  it('lists the clients without an argument, whatever the environment', async () => {
    const { code, stdout } = await runSwitchyard(['client']);
    const json = await runSwitchyard(['client', '--json'], { SWITCHYARD_TOKEN: 'not\na header' });

    expect(code).toBe(0);
    for (const { id } of CLIENT_RECIPES) expect(stdout).toMatch(new RegExp(`^${id} .*`, 'm'));
    expect(JSON.parse(json.stdout)).toMatchObject({
      clients: expect.arrayContaining([{ client: 'chatgpt', title: 'ChatGPT', signIn: ['browser'] }]),
    });
  });

  it('prints what to paste on stdout, and nothing else', async () => {
    const { code, stdout, stderr } = await runSwitchyard([
      'client',
      'claude-code',
      ...URL_FLAG,
      '--site',
      'eng',
    ]);

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(
      '\n  claude mcp add --transport http switchyard-eng https://mcp.acme.example/mcp/sites/eng\n',
    );
  });

  it('takes the URL from the flag, else the environment, else the configuration, else the usual one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-client-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const config = join(folder, 'switchyard.yaml');
    const cloudId = '11111111-aaaa-4aaa-8aaa-000000000001';
    writeFileSync(
      config,
      `version: 1\npublicUrl: https://file.example\nsites: [{ cloudId: ${cloudId}, url: https://a.atlassian.net }]\n`,
    );
    const env = { SWITCHYARD_URL: 'https://env.example/mcp' };

    expect((await clientJson(URL_FLAG, env)).url).toBe('https://mcp.acme.example/mcp');
    expect((await clientJson(['--config', config], env)).url).toBe('https://env.example/mcp');
    expect((await clientJson(['--config', config])).url).toBe('https://file.example/mcp');
    expect((await clientJson([])).url).toBe('http://127.0.0.1:8080/mcp');
  });

  it('gives each view and mode the URL that shows it', async () => {
    expect(await clientJson([...URL_FLAG, '--view', 'triage', '--mode', 'merged'])).toMatchObject({
      name: 'switchyard-triage',
      url: 'https://mcp.acme.example/mcp/views/triage?mode=merged',
    });
  });

  it.each([
    ['claude', 'http://127.0.0.1:8080/mcp', "calls from its maker's cloud"],
    ['curl', 'http://mcp.acme.example', 'in the clear'],
  ])('warns on stderr where %s cannot work, or not safely, with %s', async (client, url, warning) => {
    const { code, stderr } = await runSwitchyard(['client', client, '--url', url]);

    expect(code).toBe(0);
    expect(stderr).toContain(warning);
  });

  it('prints no credential of the environment (I5)', async () => {
    const env = {
      SWITCHYARD_TOKEN: 'swy_pat_hunter2',
      SWITCHYARD_EMAIL: 'alice@demo.example',
      SWITCHYARD_API_TOKEN: 'hunter2',
      SWITCHYARD_AUTHORIZATION: 'Bearer hunter2',
    };
    const { code, stdout, stderr } = await runSwitchyard(['client', 'curl', ...URL_FLAG], env);

    expect(code).toBe(0);
    expect(stdout + stderr).not.toContain('hunter2');
  });
});
