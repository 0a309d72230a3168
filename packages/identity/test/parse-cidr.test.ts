import { describe, expect, it } from 'vitest';

import { parseCidr, parseProxyCidr } from '../src/inbound/parse-cidr.ts';
import { IdentityError } from '../src/index.ts';

describe('parseCidr', () => {
  it.each([
    '',
    ' ',
    'localhost',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '10.0.0.0/255.0.0.0',
    '10.0.0.0/1e1',
    '10.0.0/8',
    '010.0.0.0/8',
    ' 10.0.0.0/8',
    '10.0.0.0 /8',
    '2001:db8::/129',
    '2001:db8::1%eth0',
    '[2001:db8::]/32',
    '::ffff:10.0.0.0/8',
    '/8',
  ])('refuses %j in a sentence that names it', (text) => {
    expect(() => parseCidr(text)).toThrow(IdentityError);
    expect(() => parseCidr(text)).toThrow(`"${text}"`);
  });

  it.each([
    ['10.0.0.0/8', { address: '10.0.0.0', prefix: 8, family: 'ipv4' }],
    ['203.0.113.7', { address: '203.0.113.7', prefix: 32, family: 'ipv4' }],
    ['0.0.0.0/0', { address: '0.0.0.0', prefix: 0, family: 'ipv4' }],
    ['127.0.0.1/8', { address: '127.0.0.1', prefix: 8, family: 'ipv4' }],
    ['2001:DB8::/32', { address: '2001:db8::', prefix: 32, family: 'ipv6' }],
    ['::1', { address: '::1', prefix: 128, family: 'ipv6' }],
    ['::ffff:10.0.0.0/104', { address: '10.0.0.0', prefix: 8, family: 'ipv4' }],
    ['::ffff:a00:1', { address: '10.0.0.1', prefix: 32, family: 'ipv4' }],
  ])('reads %s', (text, cidr) => {
    expect(parseCidr(text)).toEqual(cidr);
  });
});

describe('parseProxyCidr', () => {
  it.each(['0.0.0.0/0', '::/0', '::ffff:0.0.0.0/96'])('refuses to trust everyone: %s', (text) => {
    expect(() => parseProxyCidr(text)).toThrow(/every address/);
  });

  it('reads a range of proxies as parseCidr does', () => {
    expect(parseProxyCidr('10.0.0.0/8')).toEqual(parseCidr('10.0.0.0/8'));
  });
});
