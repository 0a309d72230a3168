import { createServer, get, IncomingMessage } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';

import { describe, expect, it } from 'vitest';

import { type AddressGate, createAddressGate, IdentityError } from '../src/index.ts';

function requestFrom(peer: string | undefined, forwardedFor?: string): IncomingMessage {
  const req = new IncomingMessage(Object.defineProperty(new Socket(), 'remoteAddress', { value: peer }));
  if (forwardedFor !== undefined) req.headers['x-forwarded-for'] = forwardedFor;
  return req;
}

async function addressOver(gate: AddressGate, headers: Record<string, string | string[]>): Promise<string> {
  const server = createServer((req, res) => res.end(gate.clientAddress(req)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const body = await new Promise<string>((resolve, reject) => {
    get({ host: '127.0.0.1', port, headers, agent: false }, (res) => {
      res.setEncoding('utf8').once('data', resolve);
    }).once('error', reject);
  });
  await new Promise((resolve) => server.close(resolve));
  return body;
}

const PROXIES = ['10.0.0.0/8', '2001:db8:cafe::/48', '::/80'];

describe('clientAddress behind trusted proxies', () => {
  it.each([
    ['no header', '203.0.113.7', undefined, '203.0.113.7'],
    ['an untrusted peer that claims another address', '203.0.113.7', '198.51.100.1', '203.0.113.7'],
    ['an untrusted peer that claims a proxy address', '203.0.113.7', '10.0.0.1', '203.0.113.7'],
    ['an untrusted peer with a long story', '203.0.113.7', '1.1.1.1, 10.0.0.2, 10.0.0.1', '203.0.113.7'],
    ['an untrusted peer with garbage', '203.0.113.7', 'garbage', '203.0.113.7'],
    ['a trusted peer without a header', '10.0.0.1', undefined, '10.0.0.1'],
    ['a trusted peer with an empty header', '10.0.0.1', '', '10.0.0.1'],
    ['a trusted peer with only commas', '10.0.0.1', ' , ,, ', '10.0.0.1'],
    ['one hop', '10.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['one hop with spaces', '10.0.0.1', '  203.0.113.7  ', '203.0.113.7'],
    ['two trusted hops', '10.0.0.1', '203.0.113.7, 10.0.0.2', '203.0.113.7'],
    ['hops without spaces', '10.0.0.1', '203.0.113.7,10.0.0.2', '203.0.113.7'],
    ['an empty hop', '10.0.0.1', '203.0.113.7, , 10.0.0.2', '203.0.113.7'],
    ['a claim in front of the real client', '10.0.0.1', '198.51.100.1, 203.0.113.7', '203.0.113.7'],
    [
      'a claimed proxy in front of the real client',
      '10.0.0.1',
      '10.9.9.9, 203.0.113.7, 10.0.0.2',
      '203.0.113.7',
    ],
    ['a chain of proxies only', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['garbage from the client in front', '10.0.0.1', 'garbage, 203.0.113.7', '203.0.113.7'],
    ['garbage as the last hop', '10.0.0.1', '203.0.113.7, garbage', 'unknown'],
    ['"unknown" as the last hop', '10.0.0.1', 'unknown', 'unknown'],
    ['a script as the last hop', '10.0.0.1', '<script>', 'unknown'],
    ['octal digits', '10.0.0.1', '010.0.0.1', 'unknown'],
    ['a short form', '10.0.0.1', '127.1', 'unknown'],
    ['hexadecimal', '10.0.0.1', '0x7f000001', 'unknown'],
    ['a number', '10.0.0.1', '2130706433', 'unknown'],
    ['a range', '10.0.0.1', '203.0.113.0/24', 'unknown'],
    ['a byte too large', '10.0.0.1', '203.0.113.256', 'unknown'],
    ['a port', '10.0.0.1', '203.0.113.7:50123', '203.0.113.7'],
    ['a port on a trusted hop', '10.0.0.1', '203.0.113.7, 10.0.0.2:443', '203.0.113.7'],
    ['a port with too many digits', '10.0.0.1', '203.0.113.7:501234', 'unknown'],
    ['IPv6', '10.0.0.1', '2001:DB8::1', '2001:db8::1'],
    ['IPv6 in long form', '10.0.0.1', '2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['IPv6 in brackets', '10.0.0.1', '[2001:db8::1]', '2001:db8::1'],
    ['IPv6 in brackets with a port', '10.0.0.1', '[2001:db8::1]:443', '2001:db8::1'],
    ['IPv4-mapped IPv6', '10.0.0.1', '::ffff:203.0.113.7', '203.0.113.7'],
    ['IPv4-mapped IPv6 in hexadecimal', '10.0.0.1', '::FFFF:cb00:7107', '203.0.113.7'],
    ['an IPv4-mapped trusted hop', '10.0.0.1', '203.0.113.7, ::ffff:10.0.0.2', '203.0.113.7'],
    ['an IPv4-mapped trusted peer', '::ffff:10.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['an IPv4-mapped untrusted peer', '::ffff:203.0.113.7', '198.51.100.1', '203.0.113.7'],
    ['a trusted IPv6 peer', '2001:db8:cafe::1', '203.0.113.7', '203.0.113.7'],
    ['an untrusted IPv6 peer', '2001:db8:beef::1', '203.0.113.7', '2001:db8:beef::1'],
    ['a trusted IPv6 range that an IPv4 peer is not in', '203.0.113.7', '198.51.100.1', '203.0.113.7'],
    ['a zone', 'fe80::1%eth0', undefined, 'fe80::1'],
    ['a socket that is gone', undefined, undefined, 'unknown'],
    ['a socket that is gone, with a claim', undefined, '203.0.113.7', 'unknown'],
  ])('reads %s', (_name, peer, forwardedFor, address) => {
    const gate = createAddressGate({ allowlist: [], trustedProxies: PROXIES });

    expect(gate.clientAddress(requestFrom(peer, forwardedFor))).toBe(address);
  });

  it('believes nobody when no proxy is trusted', () => {
    const gate = createAddressGate({ allowlist: [], trustedProxies: [] });

    expect(gate.clientAddress(requestFrom('127.0.0.1', '203.0.113.7'))).toBe('127.0.0.1');
  });
});

describe('admits', () => {
  const allowlist = ['203.0.113.0/24', '198.51.100.9', '2001:db8:1::/48', '::ffff:192.0.2.0/120'];

  it.each([
    ['203.0.113.255', true],
    ['203.0.114.0', false],
    ['198.51.100.9', true],
    ['198.51.100.8', false],
    ['192.0.2.200', true],
    ['192.0.3.1', false],
    ['::ffff:203.0.113.7', true],
    ['::ffff:203.0.114.7', false],
    ['2001:db8:1:ffff::1', true],
    ['2001:db8:2::1', false],
    ['::203.0.113.7', false],
    ['unknown', false],
    ['', false],
    ['garbage', false],
    ['203.0.113.007', false],
  ])('answers for %j: %j', (address, admitted) => {
    expect(createAddressGate({ allowlist, trustedProxies: [] }).admits(address)).toBe(admitted);
  });

  it.each(['203.0.113.7', '::1', 'unknown', ''])('lets %j in when there is no list', (address) => {
    expect(createAddressGate({ allowlist: [], trustedProxies: [] }).admits(address)).toBe(true);
  });

  it.each([
    ['0.0.0.0/0', '203.0.113.7', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '2001:db8::1', true],
    ['::/0', '203.0.113.7', false],
    ['::/64', '203.0.113.7', false],
    ['::/0', '::ffff:203.0.113.7', false],
  ])('takes %s for its own family: %s %j', (range, address, admitted) => {
    expect(createAddressGate({ allowlist: [range], trustedProxies: [] }).admits(address)).toBe(admitted);
  });

  it('does not start with a range it cannot read or a proxy range of everyone', () => {
    expect(() => createAddressGate({ allowlist: ['nonsense'], trustedProxies: [] })).toThrow(IdentityError);
    expect(() => createAddressGate({ allowlist: [], trustedProxies: ['0.0.0.0/0'] })).toThrow(
      /every address/,
    );
  });
});

describe('over real connections', () => {
  it.each([
    ['a trusted loopback proxy', ['127.0.0.1'], { 'x-forwarded-for': '203.0.113.7' }, '203.0.113.7'],
    [
      'the header sent twice',
      ['127.0.0.1'],
      { 'x-forwarded-for': ['198.51.100.1', '203.0.113.7'] },
      '203.0.113.7',
    ],
    ['nobody trusted', ['10.0.0.0/8'], { 'x-forwarded-for': '203.0.113.7' }, '127.0.0.1'],
    [
      'another header',
      ['127.0.0.1'],
      { forwarded: 'for=203.0.113.7', 'x-real-ip': '203.0.113.7' },
      '127.0.0.1',
    ],
  ])('reads the address with %s', async (_name, trustedProxies, headers, address) => {
    expect(await addressOver(createAddressGate({ allowlist: [], trustedProxies }), headers)).toBe(address);
  });
});
