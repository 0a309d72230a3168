import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';

import { describe, expect, it, onTestFinished } from 'vitest';

import { reachOf } from '../../src/egress/public-address.ts';
import {
  createSafeFetch,
  type Resolver,
  type SafeFetch,
  type SafeFetchOptions,
} from '../../src/egress/safe-fetch.ts';

function open(options: SafeFetchOptions = {}): SafeFetch {
  const fetch = createSafeFetch(options);
  onTestFinished(() => fetch.close());
  return fetch;
}

interface Listening {
  readonly port: number;
  connections(): number;
}

async function listen(answer: RequestListener): Promise<Listening> {
  let connections = 0;
  const server: Server = createServer(answer).on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    connections: () => connections,
  };
}

const resolvesTo =
  (...addresses: readonly string[]): Resolver =>
  (_host, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

/** One of each block that RFC 6890 and its updates set apart. */
const SPECIAL = [
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '10.255.255.255',
  '100.64.0.1',
  '100.127.255.254',
  '127.0.0.1',
  '127.255.255.254',
  '169.254.0.1',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.2.1',
  '192.168.0.1',
  '198.18.0.1',
  '198.19.255.255',
  '198.51.100.1',
  '203.0.113.1',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::ffff:10.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:169.254.169.254',
  '64:ff9b::a00:1',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:a00:1::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fec0::1',
  'ff02::1',
  'fe80::1%eth0',
  'not an address',
  '',
];

describe('an address', () => {
  it.each(SPECIAL)('%s is not a public one', (address) => {
    expect(reachOf(address)).not.toBe('public');
  });

  it.each(['1.1.1.1', '104.192.136.1', '172.32.0.1', '192.169.0.1', '2606:4700::1', '::ffff:1.1.1.1'])(
    '%s is a public one',
    (address) => {
      expect(reachOf(address)).toBe('public');
    },
  );
});

describe('what may not be asked', () => {
  const hosts = (port: number): readonly string[] =>
    [
      ...SPECIAL.filter((address) => /^[\d.]+$/.test(address)),
      ...SPECIAL.filter((address) => address.includes(':') && !address.includes('%')).map(
        (each) => `[${each}]`,
      ),
      'localhost',
      'LOCALHOST',
      '2130706433',
      '0x7f000001',
      '0177.0.0.1',
      '127.1',
      '0',
    ].map((host) => `${host}:${port}`);

  it('gets no connection, by whatever spelling of an address', async () => {
    const server = await listen((_req, res) => res.end('reached'));
    const fetch = open();
    const urls = hosts(server.port).flatMap((host) => [`https://${host}/`, `http://${host}/`]);
    for (const url of urls) {
      await expect(fetch(url), url).rejects.toMatchObject({ code: 'egress_refused' });
    }
    expect(urls.length).toBeGreaterThan(80);
    expect(server.connections()).toBe(0);
  });

  it.each(SPECIAL.filter((address) => address !== ''))(
    'gets no connection by a name that resolves to %s, alone or beside a public address',
    async (address) => {
      for (const resolver of [resolvesTo(address), resolvesTo('1.1.1.1', address)]) {
        const asked = open({ resolver })('https://metadata.example/');
        await expect(asked).rejects.toMatchObject({ code: 'egress_refused' });
      }
    },
  );

  it('gets no connection by a name that changes its address after the check (DNS rebinding)', async () => {
    const server = await listen((_req, res) => res.end('reached'));
    let asked = 0;
    const rebinding: Resolver = (host, done) => {
      asked += 1;
      resolvesTo(asked % 2 === 1 ? '192.0.2.1' : '127.0.0.1')(host, done);
    };
    const fetch = open({ resolver: rebinding });
    for (let attempt = 0; attempt < 10; attempt += 1)
      await expect(fetch(`https://rebind.example:${server.port}/`)).rejects.toThrow();
    expect(server.connections()).toBe(0);
  });

  it.each([
    'http://example.com/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'data:application/json,{}',
    'javascript:alert(1)',
    'https://user@example.com/',
    'https://user:secret@example.com/',
    '//example.com/',
    'https://',
    '',
  ])('is %j', async (url) => {
    await expect(open()(url)).rejects.toMatchObject({ code: 'egress_refused' });
  });

  it.each(['http://10.0.0.1/', 'http://example.com/', 'https://169.254.169.254/', 'http://[fe80::1]/'])(
    'is %j, also where this machine may be asked',
    async (url) => {
      await expect(open({ loopback: true })(url)).rejects.toMatchObject({ code: 'egress_refused' });
    },
  );
});

describe('what may be asked', () => {
  it('answers with status, type and body', async () => {
    const server = await listen((req, res) => {
      res.writeHead(201, { 'content-type': 'application/json' }).end(`{"method":"${req.method}"}`);
    });
    const answer = await open({ loopback: true })(`http://127.0.0.1:${server.port}/`, {
      method: 'POST',
      body: 'a=b',
    });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([201, 'application/json']);
    expect(await answer.json()).toEqual({ method: 'POST' });
  });

  it('is not left for where it redirects to', async () => {
    const target = await listen((_req, res) => res.end('reached'));
    const server = await listen((_req, res) =>
      res.writeHead(302, { location: `http://127.0.0.1:${target.port}/` }).end(),
    );
    const answer = await open({ loopback: true })(`http://127.0.0.1:${server.port}/`);
    expect([answer.status, target.connections()]).toEqual([302, 0]);
  });

  const failing: Readonly<Record<string, RequestListener>> = {
    'is larger than the bound': (_req, res) => void res.end('x'.repeat(2_000)),
    'never begins': () => undefined,
    'never ends': (_req, res) => void res.write('{'),
    'breaks off': (_req, res) => void res.destroy(),
  };

  it.each(Object.entries(failing))('fails when the answer %s', async (_what, answer) => {
    const server = await listen(answer);
    const fetch = open({ loopback: true, maxBytes: 1_000, timeoutMs: 100 });
    const error: unknown = await fetch(`http://127.0.0.1:${server.port}/secret-path`).catch(
      (each: unknown) => each,
    );
    expect(error).toMatchObject({ code: 'egress_failed' });
    expect(String(error)).not.toContain('secret-path');
  });
});
