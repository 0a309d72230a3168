import { describe, expect, it } from 'vitest';

import type { Environment } from '../../src/config/environment.ts';
import { parseConfig } from '../../src/config/load-config.ts';
import { ENVIRONMENT_VARIABLES, type Override } from '../../src/config/overrides.ts';
import { fileWith, problemsOf } from './config-texts.ts';

const PORT_FLAG: Override = { source: '--port', path: ['listen', 'port'], value: '3' };

function portOf(env: Environment, flags: readonly Override[] = []): number {
  const text = fileWith('listen: { port: 1 }\n');
  return parseConfig(text, { path: 'switchyard.yaml', env, flags }).listen.port;
}

describe('a setting given outside the file', () => {
  it.each([
    ['SWITCHYARD_LISTEN__PORT', 'eighty', '"listen.port" must be a number, not a text'],
    ['SWITCHYARD_LISTEN__PORT', '70000', '"listen.port" must be at most 65535'],
    ['SWITCHYARD_LISTEN__PORT', '1.5', '"listen.port" must be'],
    ['SWITCHYARD_ADMIN__PORT', '-1', '"admin.port" must be at least 0'],
    ['SWITCHYARD_PUBLIC_URL', 'mcp.acme.example', '"publicUrl" must be an http:// or https:// address'],
    ['SWITCHYARD_REDIS__URL', 'localhost', '"redis.url" must be a redis:// or rediss:// URL'],
    ['SWITCHYARD_UPSTREAM__ENDPOINT', 'http://mcp.example', '"upstream.endpoint" must be an https:// URL'],
    ['SWITCHYARD_AUTH__API_TOKEN__ENABLED', 'yes', 'must be true or false, not a text'],
    ['SWITCHYARD_DISCOVERY__STALE_SECONDS', '5', '(5) must not be less than "discovery.freshSeconds" (300)'],
    [
      'SWITCHYARD_DISCOVERY__FRESH_SECONDS',
      '100000',
      'must not be less than "discovery.freshSeconds" (100000)',
    ],
    ['SWITCHYARD_LOG__LEVEL', 'inf', 'did you mean "info"?'],
  ])('is named by its variable when it is wrong: %s=%s', (variable, value, fragment) => {
    expect(problemsOf(fileWith(''), { env: { [variable]: value } })).toEqual([
      { where: variable, message: expect.stringContaining(fragment) },
    ]);
  });

  it('is named by its flag when it is wrong', () => {
    const flags = [{ ...PORT_FLAG, value: 'x' }];

    expect(problemsOf(fileWith(''), { env: { SWITCHYARD_LISTEN__PORT: '1' }, flags })).toEqual([
      { where: '--port', message: '"listen.port" must be a number, not a text' },
    ]);
  });

  it.each(['switchyard', '- 1', '12', 'listen: 5', 'version: 1\nlisten: [1]\nsites: []'])(
    'does not make a file of the wrong shape right, nor breaks on it: %s',
    (text) => {
      const problems = problemsOf(text, { env: { SWITCHYARD_LISTEN__PORT: '1' } });

      expect(problems.length).toBeGreaterThan(0);
    },
  );

  it('beats the file; a flag beats the environment', () => {
    expect(portOf({})).toBe(1);
    expect(portOf({ SWITCHYARD_LISTEN__PORT: '2' })).toBe(2);
    expect(portOf({ SWITCHYARD_LISTEN__PORT: '2' }, [PORT_FLAG])).toBe(3);
  });

  it('mends what is wrong in the file', () => {
    const text = fileWith('listen: { port: 99999 }\n');

    expect(problemsOf(text, { env: { SWITCHYARD_LISTEN__PORT: '2' } })).toEqual([]);
  });

  it('does not count when it is empty', () => {
    expect(portOf({ SWITCHYARD_LISTEN__PORT: '' })).toBe(1);
  });

  it('is no setting when its name is not one of the list', () => {
    expect(portOf({ SWITCHYARD_LISTEN_PORT: '2', SWITCHYARD_SITES: '[]', LISTEN__PORT: '2' })).toBe(1);
  });

  it('fills blocks that the file does not have, or has empty', () => {
    const env = { SWITCHYARD_REDIS__URL: 'redis://redis:6379', SWITCHYARD_AUTH__API_TOKEN__ENABLED: 'true' };

    for (const text of [fileWith(''), fileWith('redis:\nauth:\n')]) {
      const config = parseConfig(text, { path: 'switchyard.yaml', env });
      expect(config.redisUrl?.reveal()).toBe('redis://redis:6379');
      expect(config.apiTokenEnabled).toBe(true);
    }
  });

  it('can be every setting of the list', () => {
    const values: Readonly<Record<string, string>> = {
      publicUrl: 'https://mcp.acme.example',
      'listen.host': '0.0.0.0',
      'listen.port': '81',
      'admin.host': '::1',
      'admin.port': '91',
      'redis.url': 'rediss://redis',
      'upstream.endpoint': 'http://localhost:7071/v2/mcp',
      'auth.apiToken.enabled': 'true',
      'discovery.deadlineMs': '1',
      'discovery.freshSeconds': '2',
      'discovery.staleSeconds': '3',
      'discovery.concurrency': '4',
      'limits.callTimeoutMs': '5',
      'limits.maxBodyBytes': '6000',
      'log.level': 'error',
    };
    const env = Object.fromEntries(
      ENVIRONMENT_VARIABLES.map(({ variable, setting }) => [variable, values[setting]]),
    );

    const config = parseConfig(fileWith(''), { path: 'switchyard.yaml', env });

    expect(config).toMatchObject({
      publicUrl: 'https://mcp.acme.example',
      listen: { host: '0.0.0.0', port: 81 },
      admin: { host: '::1', port: 91 },
      sites: [{ endpoint: 'http://localhost:7071/v2/mcp' }],
      apiTokenEnabled: true,
      discovery: { deadlineMs: 1, freshSeconds: 2, staleSeconds: 3, concurrency: 4 },
      limits: { callTimeoutMs: 5, maxBodyBytes: 6000 },
      logLevel: 'error',
    });
    expect(config.redisUrl?.reveal()).toBe('rediss://redis');
  });
});
