import { createServer as createHttpServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createDocumentFetch } from '../../src/authorization-server/document-fetch.ts';
import { createRedirectPolicy, REDIRECT_PRESETS } from '../../src/authorization-server/redirect-policy.ts';
import type { Resolver } from '../../src/egress/safe-fetch.ts';
import { tryAll } from './report.ts';

/** Addresses that are nobody's on the public net. */
const SPECIAL = [
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '10.255.255.255',
  '100.64.0.1',
  '100.127.255.255',
  '127.0.0.1',
  '127.1.2.3',
  '127.255.255.255',
  '169.254.0.1',
  '169.254.169.254',
  '169.254.170.2',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.1',
  '192.0.0.8',
  '192.0.0.170',
  '192.0.2.1',
  '192.31.196.1',
  '192.52.193.1',
  '192.88.99.1',
  '192.168.0.1',
  '192.168.255.255',
  '192.175.48.1',
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
  '::2',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:10.0.0.1',
  '::ffff:169.254.169.254',
  '::ffff:0:127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::1',
  '100::1',
  '2001::1',
  '2001:2::1',
  '2001:10::1',
  '2001:20::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '2002:a9fe:a9fe::',
  '2620:4f:8000::1',
  '3fff::1',
  '5f00::1',
  'fc00::1',
  'fd00:ec2::254',
  'fdff:ffff::1',
  'fe80::1',
  'fe80::a9fe:a9fe',
  'febf::1',
  'fec0::1',
  'ff02::1',
  'ff0e::1',
  '4000::1',
  '8000::1',
];
/** Spellings that some parser takes for one of them. */
const SPELLINGS = [
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0177.0.0.1',
  '017700000001',
  '127.1',
  '127.0.1',
  '0',
  '0x0',
  '0xA9FEA9FE',
  '2852039166',
  '0251.0376.0251.0376',
  '169.254.43518',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:ffff:7f00:1]',
  '[::]',
  '①②⑦.⓪.⓪.①',
  '127。0。0。1',
  '127.0.0.1.',
  'localhost.',
  'LOCALHOST',
  '1.0.0.127.in-addr.arpa.local',
  '[::1]:80',
  '127.0.0.1:22',
  '10.0.0.1:6379',
  '169.254.169.254:80',
];
const NAMES = [
  'localhost',
  'metadata.google.internal',
  'metadata',
  'instance-data',
  'kubernetes.default.svc',
  'redis',
  'router.local',
  'intranet.acme.example',
  '127.0.0.1.nip.io',
  'localtest.me',
  'rebinding.example',
  'ip6-localhost',
  'mixed.example',
  'host.docker.internal',
  'nothing.invalid',
];
const FORMS = [
  'http://public.example/x.json',
  'ftp://public.example/x.json',
  'file:///etc/passwd',
  'gopher://127.0.0.1:6379/_FLUSHALL',
  'data:application/json,{}',
  'https://user:pass@127.0.0.1/x.json',
  'https://public.example@127.0.0.1/x.json',
  'unix:/var/run/docker.sock',
  'ws://127.0.0.1/x',
  'https://127.0.0.1#@public.example/x',
];

function literal(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

let trap: Server;
let connections = 0;
let lookups = 0;
/** Every name leads here, which is as bad as it can be; `mixed` hides it behind a good address. */
const resolver: Resolver = (host, done) => {
  lookups += 1;
  const here = { address: '127.0.0.1', family: 4 };
  done(null, host === 'mixed.example' ? [{ address: '203.0.114.7', family: 4 }, here] : [here]);
};

beforeAll(async () => {
  trap = createHttpServer((_req, res) => void res.end('{}'));
  trap.on('connection', () => void (connections += 1));
  await new Promise<void>((resolve) => void trap.listen(0, '0.0.0.0', resolve));
});
afterAll(() => {
  trap.closeAllConnections();
  trap.close();
});

describe('addresses that a client names', () => {
  test('nothing but the public net is reached, however it is written, and nothing is connected to', async () => {
    const documents = createDocumentFetch({
      policy: () => ({
        redirects: createRedirectPolicy(REDIRECT_PRESETS),
        cimd: true,
        dcr: true,
        clients: [],
      }),
      jwtBearer: false,
      now: Date.now,
      resolver,
    });
    const { port } = trap.address() as AddressInfo;
    const hosts = [...SPECIAL.map(literal), ...SPELLINGS, ...NAMES];
    const urls = [
      ...hosts.map((host) => `https://${host}/client.json`),
      ...[...SPECIAL.map(literal), ...NAMES].map((host) => `https://${host}:${port}/jwks`),
      ...FORMS,
    ].filter((url) => URL.canParse(url));
    await tryAll('SSRF targets', {
      cases: urls,
      least: 150,
      passes: async (url) => {
        try {
          await documents.fetch(url);
          return true;
        } catch {
          return false;
        }
      },
    });
    process.stdout.write(`hostile: SSRF targets: ${connections} connections, ${lookups} look-ups\n`);
    expect(connections).toBe(0);
    expect(lookups).toBeGreaterThanOrEqual(NAMES.length);
    await documents.close();
  });
});
