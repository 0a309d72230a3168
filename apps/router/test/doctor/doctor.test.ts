import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createEmulator, type Emulator, type FaultSpec } from '@switchyard/rovo-emulator';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest';

import { parseConfig } from '../../src/config/load-config.ts';
import type { Finding } from '../../src/doctor/check.ts';
import { examine, sitesToCheck } from '../../src/doctor/doctor.ts';
import { ALPHA } from '../config/config-texts.ts';

const ALICE = { email: 'alice@demo.example', apiToken: 'demo-alice-token' };

let emulator: Emulator;
let url: string;
beforeAll(async () => {
  emulator = createEmulator();
  ({ url } = await emulator.listen({ port: 0 }));
});
beforeEach(() => emulator.control.clearFaults());
afterAll(() => emulator.close());

/** What is found, as `level code`, with the sentences behind it. */
async function examined(
  more: string,
  { endpoint = `${url}/v2/mcp?tools=all`, account }: { endpoint?: string; account?: typeof ALICE } = {},
): Promise<Record<string, Finding>> {
  const text = `version: 1
sites:
  - { cloudId: ${ALPHA}, url: https://alpha-eng.atlassian.net, alias: eng, endpoint: "${endpoint}" }
auth: { apiToken: { enabled: true } }
${more}`;
  const config = parseConfig(text, { path: 'switchyard.yaml', env: {} });
  const findings = await examine(sitesToCheck({ config }) ?? [], {
    config,
    warnings: [],
    offline: false,
    account,
    nodeVersion: 'v24.0.0',
    now: Date.parse('2026-11-21'),
  });
  return Object.fromEntries(findings.map((finding) => [finding.code, finding]));
}

/** A server that answers every path with what a test says; the date is its clock. */
async function serve(
  answer: (path: string) => { status?: number; headers?: Record<string, string>; json?: unknown },
): Promise<string> {
  const server = createServer((req, res) => {
    const { status = 200, headers = {}, json } = answer(req.url ?? '/');
    res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(json ?? {}));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => void server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

describe('a site in trouble', () => {
  const faults: readonly (readonly [string, FaultSpec, Finding['level'], string])[] = [
    ['down', { effect: { kind: 'http', status: 503 } }, 'unreachable', 'endpoint'],
    ['without a server at its path', { effect: { kind: 'http', status: 404 } }, 'failed', 'endpoint'],
    [
      'that breaks off',
      { match: { method: 'tools/list' }, effect: { kind: 'reset' } },
      'unreachable',
      'tools',
    ],
    [
      'that is no MCP server',
      { match: { method: 'initialize' }, effect: { kind: 'garbage' } },
      'failed',
      'tools',
    ],
    [
      'that refuses credentials',
      { match: { method: 'tools/list' }, effect: { kind: 'http', status: 401 } },
      'failed',
      'tools',
    ],
    [
      'without tools for this kind of credential',
      {
        match: { method: 'tools/list' },
        effect: { kind: 'rpc-error', code: -32601, message: 'Method not found' },
      },
      'failed',
      'tools',
    ],
  ];

  it.each(faults)('%s is found', async (_name, fault, level, code) => {
    emulator.control.addFault(fault);

    const found = await examined('', { account: ALICE });

    expect(found[code]).toMatchObject({ code, level, site: 'eng' });
    expect(JSON.stringify(found)).not.toContain(ALICE.apiToken);
  });

  it.each([
    ['nobody listens', closedPort, 'unreachable', 'nobody listens there: ECONNREFUSED'],
    [
      'its clock is wrong',
      () => serve(() => ({ headers: { date: 'Tue, 03 Mar 2020 10:00:00 GMT' } })),
      'failed',
      'differs by',
    ],
  ])('%s', async (_name, start, level, says) => {
    const found = Object.values(await examined('', { endpoint: `${await start()}/v2/mcp` }));

    expect(found).toContainEqual(
      expect.objectContaining({ level, says: expect.stringContaining(says) as string }),
    );
  });

  it.each([
    [
      'a classic token',
      { email: 'carol@demo.example', apiToken: 'demo-carol-classic-token' },
      'scopes',
      'no Rovo MCP scopes',
    ],
    ['a token with a line break', { ...ALICE, apiToken: 'secret\n' }, 'tools', 'ends in a newline'],
  ])('with %s is found', async (_name, account, code, says) => {
    const found = await examined('', { account });

    expect(found[code]).toMatchObject({ level: 'failed', says: expect.stringContaining(says) as string });
    expect(JSON.stringify(found)).not.toContain(account.apiToken.trim());
  });
});

describe('a healthy site', () => {
  it('is counted, and its budget is', async () => {
    const found = await examined('', { account: ALICE });

    for (const code of ['endpoint', 'clock', 'tools', 'scopes', 'v1-endpoint', 'node', 'configuration'])
      expect(found[code]).toMatchObject({ code, level: 'ok' });
    expect(found['tool-budget']).toMatchObject({
      level: 'warning',
      says: expect.stringContaining('Cursor (40)') as string,
    });
    expect(found).not.toHaveProperty('site-identity');
  });

  it('on v1 is told what v2 will change', async () => {
    const found = await examined('', { account: ALICE, endpoint: `${url}/v1/mcp` });

    expect(found['v1-endpoint']).toMatchObject({ level: 'warning' });
    expect(found['v2-readiness']?.says).toMatch(
      /^\d+ of \d+ tools have another name on v2, \d+ no counterpart$/,
    );
  });

  it('without a credential is asked no further', async () => {
    const found = await examined('');

    expect(found['endpoint']).toMatchObject({ level: 'ok' });
    expect(found['tools']).toMatchObject({
      level: 'skipped',
      fix: expect.stringContaining('SWITCHYARD_EMAIL') as string,
    });
  });

  it('that is shared is asked with its own credential', async () => {
    const shared = `    identity: shared
    allow: ["*"]
    credential: { serviceAccountKey: demo-service-key }`;
    const text = `version: 1\nsites:\n  - cloudId: ${ALPHA}\n    url: https://a.atlassian.net\n    endpoint: "${url}/v2/mcp?tools=all"\n${shared}\n`;
    const config = parseConfig(text, { path: 'switchyard.yaml', env: {} });
    const findings = await examine(sitesToCheck({ config }) ?? [], {
      config,
      warnings: ['a warning'],
      offline: false,
      nodeVersion: 'v24.0.0',
      now: 0,
    });

    expect(findings).toContainEqual(expect.objectContaining({ code: 'scopes', level: 'ok' }));
    expect(findings).toContainEqual({ code: 'configuration', level: 'warning', says: 'a warning' });
  });
});

describe('the public URL', () => {
  it.each([
    ['of nobody', closedPort, 'unreachable', 'public-url'],
    [
      'that redirects',
      () => serve(() => ({ status: 301, headers: { location: 'https://elsewhere.example' } })),
      'failed',
      'public-url',
    ],
    ['of another program', () => serve(() => ({ status: 404 })), 'failed', 'resource-metadata'],
    [
      'of another Switchyard',
      () => serve(() => ({ json: { resource: 'https://other.example/mcp' } })),
      'failed',
      'resource-metadata',
    ],
  ] as const)('%s is found', async (_name, start, level, code) => {
    const found = await examined(`publicUrl: ${await start()}`);

    expect(found[code]).toMatchObject({ level, fix: expect.any(String) as string });
  });

  it('with OAuth has metadata, and a provider behind it', async () => {
    let self = '';
    self = await serve((path) => {
      if (path.includes('openid-configuration'))
        return { json: { issuer: self, authorization_endpoint: 'x', token_endpoint: 'x', jwks_uri: 'x' } };
      return {
        json: path.includes('protected-resource')
          ? { resource: `${self}/mcp` }
          : { issuer: 'https://evil.example' },
      };
    });
    const oauth = `publicUrl: ${self}\nauth: { oauth: { issuer: "${self}", clientId: a, clientSecret: ${'s'.repeat(40)} } }`;
    const text = `version: 1\nsites:\n  - { cloudId: ${ALPHA}, url: https://a.atlassian.net, endpoint: "${url}/v2/mcp" }\n${oauth}\n`;
    const config = parseConfig(text, { path: 'switchyard.yaml', env: {} });
    const findings = await examine([], {
      config,
      warnings: [],
      offline: false,
      nodeVersion: 'v24.0.0',
      now: 0,
    });
    const levels = Object.fromEntries(findings.map(({ code, level }) => [code, level]));

    expect(levels).toMatchObject({
      'public-url': 'ok',
      'resource-metadata': 'ok',
      'authorization-server': 'failed',
      'identity-provider': 'ok',
    });
  });
});

describe('Redis', () => {
  it('that nobody serves is unreachable, and its password is not shown', async () => {
    const { port } = new URL(await closedPort());
    const found = await examined(`redis: { url: "redis://:hunter2@127.0.0.1:${port}" }`);

    expect(found['redis']).toMatchObject({ level: 'unreachable' });
    expect(JSON.stringify(found)).not.toContain('hunter2');
  });

  it('that serves is asked for its latency and what it evicts', async () => {
    const redisUrl: string = inject('redisUrl');
    const found = await examined(`redis: { url: "${redisUrl}" }`);

    expect(found['redis']).toMatchObject({ level: 'ok' });
    expect(found['redis-latency']).toBeDefined();
    expect(found['redis-eviction']?.says).toMatch(/^(?:noeviction|volatile|allkeys)/);
  });
});
