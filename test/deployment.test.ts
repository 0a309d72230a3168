import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { DCLinter } from 'dclint';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const onPath = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

interface Service {
  readonly image: string;
  readonly build?: { readonly context: string };
  readonly user?: string;
  readonly init?: boolean;
  readonly read_only?: boolean;
  readonly cap_drop?: string[];
  readonly security_opt?: string[];
  readonly pids_limit?: number;
  readonly stop_grace_period?: string;
  readonly healthcheck?: { readonly test: string[] };
  readonly ports?: string[];
  readonly profiles?: string[];
  readonly networks?: string[];
  readonly network_mode?: string;
  readonly volumes?: string[];
  readonly secrets?: string[];
  readonly environment?: Record<string, string>;
  readonly configs?: { readonly source: string; readonly target: string }[];
  readonly entrypoint?: string[];
  readonly command?: string[];
  readonly depends_on?: Record<string, { readonly condition: string }>;
}

interface Compose {
  readonly services: Record<string, Service>;
  readonly networks: Record<string, { internal?: boolean; ipam?: { config: { subnet: string }[] } } | null>;
  readonly volumes: Record<string, unknown>;
  readonly secrets: Record<string, { readonly file: string }>;
  readonly configs: Record<string, { readonly file: string }>;
}

interface SwitchyardConfig {
  readonly listen: { readonly host: string; readonly port: number };
  readonly admin: { readonly host: string; readonly port: number };
  readonly trustedProxies: string[];
  readonly upstream: { readonly endpoint: string };
  readonly sites: { readonly url: string; readonly cloudId: string }[];
}

const compose = parse(read('docker-compose.yml'), { merge: true }) as Compose;
const services = Object.entries(compose.services);
const service = (name: string): Service => {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no ${name}`);
  return found;
};
const configPaths = ['deploy/switchyard.yaml', 'deploy/demo/switchyard.yaml'];
const configAt = (path: string): SwitchyardConfig => parse(read(path)) as SwitchyardConfig;
const example = configAt('deploy/switchyard.yaml');
const routers = ['router-1', 'router-2'];

/** `${NAME:-default}` as Compose reads it when the variable is not set. */
const withDefaults = (text: string): string => text.replaceAll(/\$\{[A-Z_]+:-([^}]*)\}/g, '$1');

describe('every YAML file of the deployment', () => {
  const files = [
    'docker-compose.yml',
    ...readdirSync(join(root, 'deploy'), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.ya?ml$/.test(path))
      .map((path) => `deploy/${path}`),
  ];

  it('is found', () => {
    expect(files.length).toBeGreaterThanOrEqual(5);
  });

  it.each(files)('%s parses without errors, warnings or duplicate keys', (path) => {
    const documents = parseAllDocuments(read(path), { merge: true });

    expect(documents).toHaveLength(1);
    expect([...documents].flatMap((document) => [...document.errors, ...document.warnings])).toEqual([]);
  });
});

describe('docker-compose.yml', () => {
  it('is valid by the Compose schema and by dclint', () => {
    // Merged blocks (`<<`) stand first here, as they do in code; this one rule would have them last.
    const linter = new DCLinter({
      rules: { 'service-keys-order': 0 },
      quiet: true,
      debug: false,
      exclude: [],
    });

    // The package's own types do not resolve under NodeNext.
    const results: readonly { readonly messages: readonly unknown[] }[] = linter.lintFiles(
      [join(root, 'docker-compose.yml')],
      false,
    );

    expect(results).toHaveLength(1);
    expect(results.flatMap(({ messages }) => messages)).toEqual([]);
  });

  it.each(services)('gives %s no more rights than it needs', (_name, one) => {
    expect(one).toMatchObject({
      init: true,
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(one.user).toMatch(/^(?!root$|0)/);
    expect(one.pids_limit).toBeGreaterThan(0);
    expect(one.stop_grace_period).toMatch(/^\d+s$/);
    expect(one.healthcheck?.test[0]).toBe('CMD');
  });

  it.each(services)('pins the image of %s or builds it', (_name, one) => {
    expect(one.image).toMatch(/^[a-z/]+:(?!latest)[\w.-]+$/);
    if (one.build === undefined) expect(one.image).toMatch(/:v?\d+\.\d+/);
    else expect(one.image).toBe('switchyard:local');
  });

  it.each(services)('publishes ports of %s on loopback only', (_name, { ports = [] }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it.each(services)('mounts into %s only files that exist, and read-only', (_name, { volumes = [] }) => {
    for (const [source = '', , mode] of volumes.map((volume) => volume.split(':'))) {
      if (Object.hasOwn(compose.volumes, source)) continue;
      expect(statSync(join(root, source)).isFile()).toBe(true);
      expect(mode).toBe('ro');
    }
  });

  it('keeps every secret in a file, and none in the environment', () => {
    const names = services.flatMap(([, one]) => one.secrets ?? []);

    expect(new Set(names)).toEqual(new Set(Object.keys(compose.secrets)));
    for (const { file } of Object.values(compose.secrets))
      expect(withDefaults(file)).toMatch(/^\.\/deploy\/secrets\//);
    const variables = services.flatMap(([, one]) => Object.keys(one.environment ?? {}));
    expect(variables.filter((name) => /TOKEN|SECRET|PASSWORD|KEY/.test(name))).toEqual([]);
  });

  it('lets git see nothing of the secrets', () => {
    expect(read('deploy/secrets/.gitignore')).toMatch(/^\*$/m);
  });

  it('waits for health before it starts what depends on it', () => {
    expect(service('haproxy').depends_on).toEqual({
      'router-1': { condition: 'service_healthy' },
      'router-2': { condition: 'service_healthy' },
    });
    for (const name of routers)
      expect(service(name).depends_on).toEqual({ redis: { condition: 'service_healthy' } });
  });

  it('gives the routers more time to stop than they take to drain', () => {
    for (const name of [...routers, 'haproxy'])
      expect(Number.parseInt(service(name).stop_grace_period ?? '', 10)).toBeGreaterThan(35);
  });

  it('keeps Redis on a network that leads nowhere, with the routers alone', () => {
    expect(service('redis').networks).toEqual(['store']);
    expect(service('redis').ports).toBeUndefined();
    expect(compose.networks['store']?.internal).toBe(true);
    expect(
      services
        .filter(([, one]) => one.networks?.includes('store'))
        .map(([name]) => name)
        .toSorted(),
    ).toEqual(['redis', ...routers]);
  });

  it('asks no more of Compose than the demo needs: only the emulator hides behind a profile', () => {
    const hidden = services.filter(([, one]) => one.profiles !== undefined).map(([name]) => name);

    expect(hidden).toEqual(['emulator', 'emulator-door']);
  });
});

describe('the example configurations', () => {
  it.each(configPaths)('%s fits docker-compose.yml in hosts, ports and the proxy that it trusts', (path) => {
    const config = configAt(path);

    expect(config.listen).toEqual({ host: '0.0.0.0', port: 8080 });
    expect(config.admin).toEqual({ host: '0.0.0.0', port: 9090 });
    expect(config.trustedProxies).toEqual(compose.networks['edge']?.ipam?.config.map(({ subnet }) => subnet));
  });

  it.each(configPaths)('%s reads only variables and files that docker-compose.yml provides', (path) => {
    const references = [...read(path).matchAll(/\$\{(env|file):([^}:]+)/g)].map(
      ([, kind, name]) => `${kind}:${name}`,
    );

    const provided = [
      ...Object.keys(service('router-1').environment ?? {}).map((name) => `env:${name}`),
      ...Object.keys(compose.secrets).map((name) => `file:/run/secrets/${name}`),
    ];
    expect(references.filter((reference) => !provided.includes(reference))).toEqual([]);
    expect(references.length).toBeGreaterThan(0);
  });

  it('are where the image looks for them', () => {
    const [, target] = /SWITCHYARD_CONFIG=(\S+)/.exec(read('Dockerfile')) ?? [];

    for (const name of routers) expect(service(name).configs).toEqual([{ source: 'switchyard', target }]);
    expect(withDefaults(compose.configs['switchyard']?.file ?? '')).toBe('./deploy/switchyard.yaml');
  });

  it('use TLS to Atlassian', () => {
    expect(example.upstream.endpoint).toMatch(/^https:\/\/mcp\.atlassian\.com\//);
  });
});

describe('the demo', () => {
  const demo = configAt('deploy/demo/switchyard.yaml');
  const endpoint = new URL(demo.upstream.endpoint);

  it('reaches the emulator over loopback, the only place where plain http is accepted', () => {
    expect(endpoint.hostname).toBe('127.0.0.1');
    expect(service('emulator').network_mode).toBe('service:router-1');
    expect(service('emulator').command).toEqual(['--host', '0.0.0.0', '--port', endpoint.port]);
    expect(service('emulator-door').network_mode).toBe('service:router-2');
    expect(read('deploy/demo/emulator-door.cfg')).toMatch(
      new RegExp(`bind 127\\.0\\.0\\.1:${endpoint.port}$`, 'm'),
    );
    expect(read('deploy/demo/emulator-door.cfg')).toContain(`server emulator router-1:${endpoint.port}`);
  });

  it('knows every file that its environment names', () => {
    const variables = new Map(
      read('deploy/demo/demo.env')
        .split('\n')
        .filter((line) => /^\w+=/.test(line))
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );

    expect(variables.get('COMPOSE_PROFILES')).toBe('demo');
    expect(
      [...variables.keys()].filter(
        (name) => name !== 'COMPOSE_PROFILES' && !read('docker-compose.yml').includes(`\${${name}:-`),
      ),
    ).toEqual([]);
    for (const path of [...variables.values()].filter((value) => value.startsWith('./')))
      expect(existsSync(join(root, path))).toBe(true);
  });

  it('runs a program that the image has', () => {
    expect(service('emulator').entrypoint?.at(-1)).toBe('apps/rovo-emulator/dist/main.js');
    expect(existsSync(join(root, 'apps/rovo-emulator/src/main.ts'))).toBe(true);
  });
});

describe('deploy/haproxy.cfg', () => {
  const text = read('deploy/haproxy.cfg');

  it('sends traffic to both routers and asks their readiness on the admin port', () => {
    for (const name of routers) expect(text).toContain(`server ${name} ${name}:${example.listen.port}`);
    expect(text).toMatch(new RegExp(`default-server check port ${example.admin.port} `));
    expect(text).toContain('uri /readyz');
    expect(service('haproxy').ports).toEqual([`127.0.0.1:8080:${/^ +bind :(\d+)$/m.exec(text)?.[1]}`]);
  });

  it('lets event streams pass: no buffering, five minutes of silence', () => {
    expect(text).toMatch(/^ +no option http-buffer-request$/m);
    expect(text).toMatch(/^ +timeout client 300s$/m);
    expect(text).toMatch(/^ +timeout server 300s$/m);
  });

  it('never sends a request twice (I4)', () => {
    expect(text.match(/retry-on .*/g)).toEqual(['retry-on conn-failure']);
  });

  it('drops what a client claims about its address before it adds the true one', () => {
    expect(text.indexOf('http-request del-header X-Forwarded-For')).toBeGreaterThan(0);
    expect(text.indexOf('option forwardfor')).toBeGreaterThan(text.indexOf('del-header X-Forwarded-For'));
  });

  it('answers the health check of its container', () => {
    const [, port] = /bind 127\.0\.0\.1:(\d+)\n +monitor-uri \/healthz/.exec(text) ?? [];

    expect(service('haproxy').healthcheck?.test.at(-1)).toBe(`http://127.0.0.1:${port}/healthz`);
  });

  it.runIf(onPath('haproxy')).each(['deploy/haproxy.cfg', 'deploy/demo/emulator-door.cfg'])(
    '%s is valid by haproxy -c',
    (path) => {
      const { status, stderr } = spawnSync('haproxy', ['-c', '-f', join(root, path)], { encoding: 'utf8' });

      expect({ status, stderr }).toMatchObject({ status: 0 });
    },
  );
});
