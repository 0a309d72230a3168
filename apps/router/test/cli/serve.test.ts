import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';

import { ALPHA, BETA, fileWith, SECOND_SITE } from '../config/config-texts.ts';
import { type Running, runSwitchyard, startSwitchyard } from './run-switchyard.ts';

const SETTINGS =
  'upstream: { endpoint: "http://127.0.0.1:9/v2/mcp" }\nauth: { apiToken: { enabled: true } }\n';
const ANY_PORTS = ['--port', '0', '--admin-port', '0'];

let directory = '';
let file = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'switchyard-serve-'));
  file = join(directory, 'switchyard.yaml');
  writeFileSync(join(directory, 'key'), 'hunter2\n');
});
beforeEach(() => writeFileSync(file, fileWith(SETTINGS)));
afterAll(() => rmSync(directory, { recursive: true }));

describe('switchyard serve that cannot start', () => {
  let taken: Server;
  let port = '';
  beforeAll(async () => {
    taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    port = String((taken.address() as AddressInfo).port);
  });
  afterAll(() => void taken.close());

  it.each([
    ['the port of the MCP listener', (used: string) => ['--port', used, '--admin-port', '0']],
    ['the port of the admin listener', (used: string) => ['--port', '0', '--admin-port', used]],
  ])('exits 4 with a sentence when %s is in use', async (_name, flags) => {
    for (const env of [{}, { SWITCHYARD_REDIS__URL: inject('redisUrl') }]) {
      const finished = await runSwitchyard(
        ['serve', '-c', file, '--log-level', 'error', ...flags(port)],
        env,
      );

      expect(finished).toEqual({
        code: 4,
        stdout: '',
        stderr: `switchyard: 127.0.0.1:${port} is in use by another program; choose another port with --port or --admin-port (0: any free one)\n`,
      });
    }
  });

  it('exits 4 with a sentence when the address is not one of this machine', async () => {
    const finished = await runSwitchyard(['serve', '-c', file, '--host', '192.0.2.1', ...ANY_PORTS]);

    expect(finished).toMatchObject({ code: 4, stdout: '' });
    expect(finished.stderr).toContain('switchyard: cannot listen on 192.0.2.1 (EADDRNOTAVAIL)');
  });

  it('exits 4 with a sentence when the host has no address', async () => {
    const finished = await runSwitchyard(['serve', '-c', file, '--host', 'nowhere.invalid', ...ANY_PORTS]);

    expect(finished).toMatchObject({ code: 4, stdout: '' });
    expect(finished.stderr).toContain('switchyard: cannot listen on nowhere.invalid');
  });

  it('exits 3 and starts nothing when the file is invalid', async () => {
    writeFileSync(file, fileWith('listen: { prot: 1 }\n'));

    const { code, stdout, stderr } = await runSwitchyard(['serve', '-c', file, '--json']);

    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, problems: [{ where: `${file}:2:11` }] });
    expect(stderr).toContain('did you mean "port"?');
  });
});

describe('a running switchyard serve', () => {
  let running: Running;
  let adminUrl = '';
  let mcpUrl = '';
  beforeEach(async () => {
    running = startSwitchyard(['serve', '-c', file, '--json', ...ANY_PORTS]);
    await running.said('stdout', '\n');
    ({ adminUrl, mcpUrl } = JSON.parse(running.stdout()) as { adminUrl: string; mcpUrl: string });
  });
  afterEach(async () => {
    await running.end('SIGTERM');
  });

  async function sites(): Promise<string[]> {
    const response = await fetch(`${adminUrl}/admin/v1/sites`);
    const body = (await response.json()) as { sites: { cloudId: string }[] };
    return body.sites.map(({ cloudId }) => cloudId);
  }

  it('has warmed up when it says where it is, and counted none of that', async () => {
    await running.end('SIGTERM');
    running = startSwitchyard(['serve', '-c', file, '--json', '--log-level', 'debug', ...ANY_PORTS]);
    await running.said('stdout', '\n');
    expect(running.stderr()).toContain('"msg":"warmed up"');
    const metrics = await (await fetch(`${JSON.parse(running.stdout()).adminUrl}/metrics`)).text();
    expect(metrics).toContain('switchyard_build_info');
    expect(metrics).not.toContain('played');
    for (const name of ['switchyard_tool_calls_total', 'mcp_server_operation_duration_seconds_count'])
      expect(metrics).not.toMatch(new RegExp(`^${name}\\S* [1-9]`, 'm'));
  });

  it('keeps the old configuration when SIGHUP finds an invalid file, says why, and takes the next good one', async () => {
    writeFileSync(
      file,
      fileWith(
        SETTINGS,
        `    credential: { serviceAccountKey: "\${file:key}", apitoken: hunter2 }\n${SECOND_SITE}`,
      ),
    );
    running.signal('SIGHUP');
    await running.said('stderr', 'configuration not reloaded');

    expect(running.stderr()).toContain(`${file}:7:53`);
    expect(running.stderr()).not.toContain('hunter2');
    expect(await sites()).toEqual([ALPHA]);
    expect(await (await fetch(`${adminUrl}/metrics`)).text()).toMatch(
      /^switchyard_config_last_reload_successful(\{.*\})? 0$/m,
    );

    writeFileSync(file, fileWith(`${SETTINGS}log: { level: debug }\n`, SECOND_SITE));
    running.signal('SIGHUP');
    await running.said('stderr', 'configuration reloaded');

    expect(running.stderr()).toContain('"needsRestart":["log"]');
    expect(await sites()).toEqual([ALPHA, BETA]);
    expect(await (await fetch(`${adminUrl}/metrics`)).text()).toMatch(
      /^switchyard_config_last_reload_successful(\{.*\})? 1$/m,
    );
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends with 0 on %s, having said where it was, once',
    async (signal) => {
      const { code, stdout } = await running.end(signal);

      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toEqual({ mcpUrl, adminUrl });
      expect(mcpUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
      await expect(fetch(`${adminUrl}/livez`)).rejects.toThrow();
    },
  );

  it('is found by tools and call through its configuration', async () => {
    const env = { SWITCHYARD_LISTEN__PORT: new URL(mcpUrl).port, SWITCHYARD_CONFIG: file };

    expect(await runSwitchyard(['tools'], env)).toMatchObject({ code: 5 });
  });
});
