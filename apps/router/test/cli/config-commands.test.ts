import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { ALPHA, BETA, fileWith, SECOND_SITE } from '../config/config-texts.ts';
import { runSwitchyard } from './run-switchyard.ts';

let directory = '';
let valid = '';
let invalid = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'switchyard-cli-'));
  valid = join(directory, 'valid.yaml');
  invalid = join(directory, 'invalid.yaml');
  writeFileSync(
    valid,
    fileWith(
      'auth: { apiToken: { enabled: true } }\nredis: { url: "${env:REDIS_URL:-redis://:hunter2@redis}" }\nviews: { all: {} }\n',
      `    alias: eng\n${SECOND_SITE}`,
    ),
  );
  writeFileSync(invalid, fileWith('redis: { url: "http://:hunter2@redis" }\nlisten: { prot: 1 }\n'));
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('a command line that is wrong', () => {
  it.each([
    ['no command', [], 'Usage: switchyard'],
    ['an unknown command', ['serv'], "unknown command 'serv'"],
    ['an unknown flag', ['serve', '--prot', '1'], "unknown option '--prot'"],
    ['a flag without its value', ['serve', '--config'], "option '-c, --config <file>' argument missing"],
    ['a missing argument', ['call'], "missing required argument 'tool'"],
    ['an argument too many', ['version', 'now'], 'too many arguments'],
    ['serve without a configuration', ['serve'], 'Name the configuration file: --config switchyard.yaml'],
    ['check-config without one', ['check-config'], 'or set SWITCHYARD_CONFIG'],
    ['sites without one', ['sites'], 'Name the configuration file'],
  ])('exits 2 and says why on stderr: %s', async (_name, args, fragment) => {
    const { code, stdout, stderr } = await runSwitchyard(args);

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(fragment);
  });

  it.each([[['serv']], [['serve']], [['schema', '--prot']]])(
    'says why on stdout too with --json: %j',
    async (args) => {
      const { code, stdout } = await runSwitchyard([...args, '--json']);

      expect(code).toBe(2);
      expect(JSON.parse(stdout)).toEqual({ ok: false, error: expect.stringMatching(/./) });
    },
  );
});

describe('switchyard check-config', () => {
  it('exits 3 on an invalid file and names every place, and no secret', async () => {
    const { code, stdout, stderr } = await runSwitchyard(['check-config', '--config', invalid]);

    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toBe(
      [
        'switchyard: The configuration has 2 problems:',
        `  ${invalid}:2:15: "redis.url" must be a redis:// or rediss:// URL`,
        `  ${invalid}:3:11: unknown key "prot"; did you mean "port"?`,
        '',
      ].join('\n'),
    );
  });

  it('lists the problems as JSON', async () => {
    const { code, stdout } = await runSwitchyard(['check-config', '--json', '--config', invalid]);

    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      problems: [{ where: `${invalid}:2:15` }, { where: `${invalid}:3:11` }],
    });
  });

  it.each([
    [
      'a file that is not there',
      ['--config', 'none.yaml'],
      {},
      'none.yaml: the configuration file cannot be read',
    ],
    ['a flag that is wrong', ['--port', 'x'], {}, '--port: "listen.port" must be a number'],
    [
      'a variable that is wrong',
      [],
      { SWITCHYARD_ADMIN__PORT: 'x' },
      'SWITCHYARD_ADMIN__PORT: "admin.port" must be',
    ],
  ])('exits 3 on %s', async (_name, args, env, fragment) => {
    const { code, stderr } = await runSwitchyard(['check-config', '--config', valid, ...args], env);

    expect(code).toBe(3);
    expect(stderr).toContain(fragment);
  });

  it('exits 0 on a valid file, named by flag or variable', async () => {
    const byFlag = await runSwitchyard(['check-config', '-c', valid]);
    const byVariable = await runSwitchyard(['check-config'], { SWITCHYARD_CONFIG: valid });

    expect(byFlag).toEqual({ code: 0, stdout: `${valid} is valid: 2 site(s), 1 view(s)\n`, stderr: '' });
    expect(byVariable).toEqual(byFlag);
  });

  it('warns on stderr, or in the JSON, of what is hardly meant', async () => {
    const env = {
      SWITCHYARD_AUTH__API_TOKEN__ENABLED: 'false',
      SWITCHYARD_PUBLIC_URL: 'http://mcp.acme.example',
    };

    const talk = await runSwitchyard(['check-config', '-c', valid], env);
    const json = await runSwitchyard(['check-config', '-c', valid, '--json'], env);

    expect(talk.stderr).toContain(
      'warning: auth.apiToken.enabled is false and there is no auth.oauth, so nobody can sign in',
    );
    expect(talk.stderr).toContain('warning: publicUrl is plain http');
    expect(JSON.parse(json.stdout)).toMatchObject({
      ok: true,
      file: valid,
      sites: 2,
      views: 1,
      warnings: [expect.any(String), expect.any(String)],
    });
    expect({ talk: talk.code, json: json.code, stderr: json.stderr }).toEqual({
      talk: 0,
      json: 0,
      stderr: '',
    });
  });
});

describe('switchyard sites', () => {
  it('lists the sites under their names in tool names', async () => {
    const { code, stdout } = await runSwitchyard(['sites', '-c', valid]);

    expect(code).toBe(0);
    expect(stdout.split('\n').map((line) => line.split(/\s+/)[0])).toEqual(['NAME', 'eng', '22222222', '']);
  });

  it('lists them as JSON, without credentials', async () => {
    const { stdout, stderr } = await runSwitchyard(['sites', '-c', valid, '--json']);

    const endpoint = 'https://mcp.atlassian.com/v2/mcp?tools=all';
    expect(JSON.parse(stdout)).toEqual({
      sites: [
        {
          name: 'eng',
          cloudId: ALPHA,
          url: 'https://alpha-eng.atlassian.net',
          identity: 'personal',
          endpoint,
        },
        {
          name: '22222222',
          cloudId: BETA,
          url: 'https://beta-ops.atlassian.net',
          identity: 'personal',
          endpoint,
        },
      ],
    });
    expect(stderr).toBe('');
  });

  it('exits 3 on an invalid file', async () => {
    expect(await runSwitchyard(['sites', '-c', invalid])).toMatchObject({ code: 3, stdout: '' });
  });
});

describe('switchyard schema', () => {
  it('prints a JSON Schema that tells a good file from a bad one', async () => {
    const { code, stdout, stderr } = await runSwitchyard(['schema']);

    const schema = JSON.parse(stdout) as Parameters<typeof z.fromJSONSchema>[0];
    const check = z.fromJSONSchema(schema);
    const site = { cloudId: ALPHA, url: 'https://a.atlassian.net' };
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(schema).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' });
    expect(check.safeParse({ version: 1, sites: [site] }).success).toBe(true);
    expect(check.safeParse({ version: 1, sites: [{ ...site, aliass: 'x' }] }).success).toBe(false);
    expect(check.safeParse({ version: 2, sites: [site] }).success).toBe(false);
    expect(check.safeParse({ version: 1 }).success).toBe(false);
  });
});

describe('switchyard version and help', () => {
  it('print the version on stdout, as text or JSON', async () => {
    const text = await runSwitchyard(['version']);
    const flag = await runSwitchyard(['--version']);
    const json = await runSwitchyard(['version', '--json']);

    expect(text).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    expect(flag).toEqual(text);
    expect(JSON.parse(json.stdout)).toEqual({ version: text.stdout.trim(), node: process.version });
  });

  it.each([[['--help']], [['help', 'serve']], [['call', '--help']]])('exit 0: %j', async (args) => {
    const { code, stdout, stderr } = await runSwitchyard(args);

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Usage: switchyard');
  });
});
