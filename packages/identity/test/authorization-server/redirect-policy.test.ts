import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  createRedirectPolicy,
  REDIRECT_PRESETS,
  redirectTarget,
} from '../../src/authorization-server/redirect-policy.ts';

const CLIENTS = [
  ['Claude', 'https://claude.ai/api/mcp/auth_callback', { host: 'claude.ai', loopback: false }],
  ['Claude', 'https://claude.com/api/mcp/auth_callback', { host: 'claude.com', loopback: false }],
  ['Claude Code', 'http://localhost:53682/callback', { host: 'localhost:53682', loopback: true }],
  ['Claude Code', 'http://127.0.0.1/callback', { host: '127.0.0.1', loopback: true }],
  [
    'ChatGPT',
    'https://chatgpt.com/connector_platform_oauth_redirect',
    { host: 'chatgpt.com', loopback: false },
  ],
  ['ChatGPT', 'https://chatgpt.com/connector/oauth/Ab1_-9', { host: 'chatgpt.com', loopback: false }],
  ['VS Code', 'https://vscode.dev/redirect', { host: 'vscode.dev', loopback: false }],
  ['VS Code', 'https://insiders.vscode.dev/redirect', { host: 'insiders.vscode.dev', loopback: false }],
  ['VS Code', 'http://127.0.0.1:33418/', { host: '127.0.0.1:33418', loopback: true }],
  ['VS Code', 'http://127.0.0.1/', { host: '127.0.0.1', loopback: true }],
  [
    'Cursor',
    'cursor://anysphere.cursor-mcp/oauth/callback',
    { host: 'cursor://anysphere.cursor-mcp', loopback: true },
  ],
  ['Cursor', 'https://www.cursor.com/agents/mcp/oauth/callback', { host: 'www.cursor.com', loopback: false }],
  ['Cursor', 'http://localhost:8787/callback', { host: 'localhost:8787', loopback: true }],
  ['mcp-remote', 'http://localhost:3334/oauth/callback', { host: 'localhost:3334', loopback: true }],
  ['a program with IPv6', 'http://[::1]:9999/oauth/callback', { host: '[::1]:9999', loopback: true }],
] as const;

describe('the addresses that clients use are admitted by default', () => {
  const policy = createRedirectPolicy(REDIRECT_PRESETS);
  test.each(CLIENTS)('%s: %s', (_client, uri, target) => {
    expect(policy.admits(uri)).toBe(true);
    expect(redirectTarget(uri)).toEqual(target);
  });
});

describe('a policy holds what it names and nothing else', () => {
  test('without loopback no program on the own machine gets a code', () => {
    const policy = createRedirectPolicy(['claude', 'cursor']);
    expect(policy.admits('http://localhost:53682/callback')).toBe(false);
    expect(policy.admits('http://localhost:8787/callback')).toBe(true);
  });

  test('an exact address of the administrator is compared to the letter', () => {
    const policy = createRedirectPolicy(['https://global.consent.azure-apim.net/redirect/acme']);
    expect(policy.admits('https://global.consent.azure-apim.net/redirect/acme')).toBe(true);
    expect(policy.admits('https://global.consent.azure-apim.net/redirect/acme/')).toBe(false);
    expect(policy.admits('https://global.consent.azure-apim.net/redirect/acme?x=1')).toBe(false);
    expect(policy.admits('https://claude.ai/api/mcp/auth_callback')).toBe(false);
  });

  test.each([
    'http://app.example/callback',
    'https://app.example/callback#here',
    'https://user@app.example/callback',
    'https://APP.example/callback',
    'https://app.example/a/../callback',
    'https://app.example',
    'everything',
    '',
    'app://callback',
  ])('%j is no address for a configuration', (entry) => {
    expect(() => createRedirectPolicy([entry])).toThrow('exact https:// URL');
  });
});

test('law: whatever text is admitted, a URL parser sends it to a host of the list', () => {
  const policy = createRedirectPolicy(REDIRECT_PRESETS);
  const hosts = new Set([
    'claude.ai',
    'claude.com',
    'chatgpt.com',
    'vscode.dev',
    'insiders.vscode.dev',
    'www.cursor.com',
    'anysphere.cursor-mcp',
    'localhost',
    '127.0.0.1',
    '[::1]',
  ]);
  const pieces = fc.constantFrom(
    'https:',
    'http:',
    'cursor:',
    '//',
    '/',
    '\\',
    '@',
    ':',
    ':8080',
    '#',
    '?',
    '%2f',
    '%00',
    ' ',
    '.',
    '..',
    'localhost',
    '127.0.0.1',
    '[::1]',
    'claude.ai',
    'evil.example',
    'chatgpt.com',
    'connector',
    'oauth',
    'callback',
    'api/mcp/auth_callback',
    'x',
    '0',
    '\n',
    '\u200b',
  );
  const texts = fc.oneof(
    fc.array(pieces, { maxLength: 12 }).map((all) => all.join('')),
    fc.array(pieces, { maxLength: 8 }).map((all) => `http://localhost:8080/${all.join('')}`),
    fc.array(pieces, { maxLength: 8 }).map((all) => `https://chatgpt.com/connector/oauth/${all.join('')}`),
  );
  let admitted = 0;
  fc.assert(
    fc.property(texts, (uri) => {
      if (!policy.admits(uri)) return;
      admitted += 1;
      const url = new URL(uri);
      expect(hosts).toContain(url.hostname);
      expect([url.username, url.password, url.hash, url.search]).toEqual(['', '', '', '']);
      expect(url.href.replace(/\/$/, '')).toBe(uri.replace(/\/$/, '').replace(/:80(?=\/|$)/, ''));
    }),
    { numRuns: 5_000 },
  );
  expect(admitted).toBeGreaterThan(20);
});
