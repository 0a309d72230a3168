import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { CONFIGURATION_EXAMPLE } from '../../src/config/configuration-example.ts';
import { loadConfig, parseConfig } from '../../src/config/load-config.ts';
import { ALPHA, BETA, fileWith, problemsOf, SECOND_SITE } from './config-texts.ts';

const ROOT = new URL('../../../../', import.meta.url);

/** The sample of the contract, without what this version does not have. */
const CONTRACT_SAMPLE = `# yaml-language-server: $schema=./switchyard.schema.json
version: 1
publicUrl: https://mcp.acme.example        # default: http://<listen.host>:<listen.port>
listen: { host: 127.0.0.1, port: 8080 }    # MCP, OAuth and connect pages; port 0 = any free one
admin:  { host: 127.0.0.1, port: 9090 }    # /livez /readyz /metrics, admin API, console
trustedProxies: []                         # CIDRs whose X-Forwarded-For is believed
redis: { url: "\${env:REDIS_URL}" }         # omit the block: in-process store, one replica
upstream:
  endpoint: https://mcp.atlassian.com/v2/mcp?tools=all   # for sites that name none
sites:
  - cloudId: 11111111-aaaa-4aaa-8aaa-000000000001
    url: https://alpha-eng.atlassian.net
    alias: eng                             # optional; [a-z0-9-], at most 12 characters
    endpoint: https://mcp.atlassian.com/v1/mcp           # optional
    identity: shared                       # personal | shared
    credential: { serviceAccountKey: "\${file:SECRETS/eng}" }   # shared only; or { email, apiToken }
    allow: ["*@acme.example", "group:eng"] # who may use it; required on shared sites ("*" = every known caller)
    products: { jira: write, confluence: read }          # omitted = every product, write
    tools: { deny: ["deleteJira*"] }       # optional allow / deny globs on upstream tool names
  - cloudId: 22222222-bbbb-4bbb-8bbb-000000000002
    url: https://beta-ops.atlassian.net
    alias: ops
    identity: personal
auth:
  apiToken: { enabled: false }             # Basic email:token and Bearer service keys; OFF unless an admin turns it on
  ipAllowlist: []                          # CIDRs; applies to every method; empty = any address
views:                                     # named connectors
  triage: { sites: [eng, ops], products: { jira: read } }
discovery: { deadlineMs: 3000, freshSeconds: 300, staleSeconds: 86400, concurrency: 32 }
limits: { callTimeoutMs: 120000, maxBodyBytes: 4194304 }
`;

let secrets = '';
beforeAll(() => {
  secrets = mkdtempSync(join(tmpdir(), 'switchyard-secrets-'));
  for (const name of ['eng', 'eng_service_key', 'ops'])
    writeFileSync(join(secrets, name), `key of ${name}\n`);
});
afterAll(() => rmSync(secrets, { recursive: true }));

/** The text with its secrets where this test has put them. */
function withSecrets(text: string): string {
  return text.replaceAll(/SECRETS|\/run\/secrets/g, secrets);
}

describe('a valid file', () => {
  it.each(['switchyard.yaml', 'demo/switchyard.yaml'])('is deploy/%s', (name) => {
    const text = withSecrets(readFileSync(new URL(`deploy/${name}`, ROOT), 'utf8'));

    expect(problemsOf(text, { env: { REDIS_URL: 'redis://redis:6379' } })).toEqual([]);
  });

  it('is the example of the reference page', () => {
    const text = withSecrets(CONFIGURATION_EXAMPLE);

    expect(problemsOf(text, { env: { REDIS_URL: 'redis://redis:6379' } })).toEqual([]);
  });

  it('is the sample of the contract, and means what it says', () => {
    const config = parseConfig(withSecrets(CONTRACT_SAMPLE), {
      path: 'switchyard.yaml',
      env: { REDIS_URL: 'redis://:pw@redis' },
    });

    expect(config).toMatchObject({
      publicUrl: 'https://mcp.acme.example',
      apiTokenEnabled: false,
      sites: [
        {
          alias: 'eng',
          endpoint: 'https://mcp.atlassian.com/v1/mcp',
          identity: 'shared',
          tools: { deny: ['deleteJira*'] },
        },
        { alias: 'ops', endpoint: 'https://mcp.atlassian.com/v2/mcp?tools=all', identity: 'personal' },
      ],
      views: { triage: { sites: ['eng', 'ops'], products: { jira: 'read' }, mode: 'namespaced' } },
    });
    const credential = config.serviceCredentials.get(ALPHA);
    expect(credential && 'serviceAccountKey' in credential && credential.serviceAccountKey.reveal()).toBe(
      'key of eng',
    );
    expect(config.redisUrl?.reveal()).toBe('redis://:pw@redis');
  });

  it('shows no secret when it is logged', () => {
    const site =
      '    identity: shared\n    allow: ["*"]\n    credential: { email: a@b.example, apiToken: hunter2 }\n';
    const config = parseConfig(fileWith('redis: { url: "redis://:hunter2@redis" }\n', site), {
      path: 'switchyard.yaml',
      env: {},
    });

    expect(JSON.stringify({ ...config, all: [...config.serviceCredentials] })).not.toContain('hunter2');
    expect(inspect(config, { depth: 9 })).not.toContain('hunter2');
  });

  it('needs no more than a version and a site; the rest has defaults', () => {
    expect(parseConfig(fileWith(''), { path: 'switchyard.yaml', env: {} })).toEqual({
      publicUrl: undefined,
      listen: { host: '127.0.0.1', port: 8080 },
      admin: { host: '127.0.0.1', port: 9090, groups: [] },
      trustedProxies: [],
      redisUrl: undefined,
      sites: [
        {
          cloudId: ALPHA,
          url: 'https://alpha-eng.atlassian.net',
          endpoint: 'https://mcp.atlassian.com/v2/mcp?tools=all',
          identity: 'personal',
        },
      ],
      serviceCredentials: new Map(),
      apiTokenEnabled: false,
      ipAllowlist: [],
      addresses: { headless: [], hosted: [], browser: [] },
      oauth: undefined,
      links: { allowOtherAccounts: false },
      audit: undefined,
      views: {},
      rules: [],
      discovery: {
        deadlineMs: 3_000,
        freshSeconds: 300,
        staleSeconds: 86_400,
        concurrency: 32,
        onChange: 'notify',
        hiddenCharacters: 'strip',
      },
      limits: {
        callTimeoutMs: 120_000,
        readerTimeoutMs: 30_000,
        maxBodyBytes: 4_194_304,
        maxAnswerBytes: 268_435_456,
        upstreamConnections: 256,
        upstreamSessions: 10_000,
        drainDelayMs: 0,
        drainTimeoutMs: 30_000,
      },
      logLevel: 'info',
    });
  });

  it.each([
    ['JSON', `{"version":1,"sites":[{"cloudId":"${ALPHA}","url":"https://alpha-eng.atlassian.net"}]}`],
    [
      'JSON over lines, with tabs',
      `{\n\t"version": 1,\n\t"sites": [{"cloudId": "${ALPHA}", "url": "https://a.example"}]\n}`,
    ],
    ['YAML with a byte order mark', `\uFEFF${fileWith('')}`],
    ['YAML with the line breaks of Windows', fileWith('', SECOND_SITE).replaceAll('\n', '\r\n')],
    ['YAML with anchors', fileWith('', `    products: &p { jira: read }\n${SECOND_SITE}    products: *p\n`)],
    ['YAML with a document mark', `---\n${fileWith('')}...\n`],
  ])('may be %s', (_name, text) => {
    expect(problemsOf(text)).toEqual([]);
  });

  it('has hosts and cloudIds in small letters and addresses without a slash at the end', () => {
    const text = `version: 1\npublicUrl: HTTPS://MCP.acme.example/\nsites:\n  - cloudId: ${BETA.toUpperCase()}\n    url: https://Beta-Ops.atlassian.net/\n`;

    expect(parseConfig(text, { path: 'switchyard.yaml', env: {} })).toMatchObject({
      publicUrl: 'https://mcp.acme.example',
      sites: [{ cloudId: BETA, url: 'https://beta-ops.atlassian.net' }],
    });
  });

  it.each([
    'http://localhost:1/mcp',
    'http://127.0.0.1/mcp',
    'http://127.1.2.3:7071/',
    'http://[::1]:7071/mcp',
  ])('may have a plain endpoint on loopback: %s', (endpoint) => {
    expect(problemsOf(fileWith(`upstream: { endpoint: "${endpoint}" }\n`))).toEqual([]);
  });
});

describe('a file that cannot be read', () => {
  it.each([
    ['is not there', 'none.yaml', 'ENOENT'],
    ['is a folder', '.', 'EISDIR'],
  ])('is named with the reason: it %s', (_name, file, code) => {
    const path = join(secrets, file);

    expect(() => loadConfig({ path, env: {} })).toThrow(
      `${path}: the configuration file cannot be read (${code}); name it with --config or SWITCHYARD_CONFIG`,
    );
  });
});
