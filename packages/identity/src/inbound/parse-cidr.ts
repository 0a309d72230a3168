import { isIP, SocketAddress } from 'node:net';

import { IdentityError } from '../errors.ts';

/** A range of addresses; `prefix` counts bits. */
export interface Cidr {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

const MAPPED = '::ffff:';
const MAPPED_BITS = 96;

/**
 * Reads `10.0.0.0/8`, `2001:db8::/32` or a single address. Bits after the prefix are ignored, as everywhere; an
 * IPv4-mapped range becomes the IPv4 range it means. Throws `IdentityError` `invalid_cidr` with a sentence for people.
 */
export function parseCidr(text: string): Cidr {
  const [host = '', prefixText, ...rest] = text.split('/');
  const family = isIP(host);
  if (family === 0 || rest.length > 0 || host.includes('%')) {
    throw invalid(text, 'is not an address range; write it like 10.0.0.0/8, 203.0.113.7 or 2001:db8::/32');
  }
  const bits = family === 4 ? 32 : 128;
  const prefix = prefixText === undefined ? bits : readPrefix(prefixText);
  if (prefix === undefined || prefix > bits) {
    throw invalid(text, `needs a prefix length from 0 to ${bits} after the slash`);
  }
  return family === 4 ? { address: host, prefix, family: 'ipv4' } : parseSixCidr(text, host, prefix);
}

/**
 * As `parseCidr`, but refuses a range of all addresses: with every client trusted as a proxy, everyone could claim any
 * address in X-Forwarded-For and the IP allowlist would hold nobody back.
 */
export function parseProxyCidr(text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr.prefix === 0) {
    throw invalid(text, 'would trust every address as a proxy; name the range of your own proxies');
  }
  return cidr;
}

/** One spelling for each address: no zone, no IPv4-mapped form, IPv6 compressed in lower case. `undefined`: no address. */
export function canonicalAddress(text: string): string | undefined {
  const family = isIP(text);
  if (family === 0) return undefined;
  if (family === 4) return text;
  const [address = ''] = text.split('%');
  const canonical = new SocketAddress({ address, family: 'ipv6' }).address;
  return isMapped(canonical) ? canonical.slice(MAPPED.length) : canonical;
}

function parseSixCidr(text: string, host: string, prefix: number): Cidr {
  const address = new SocketAddress({ address: host, family: 'ipv6' }).address;
  if (!isMapped(address)) return { address, prefix, family: 'ipv6' };
  if (prefix < MAPPED_BITS)
    throw invalid(text, 'mixes an IPv4 address with an IPv6 prefix; write it as IPv4');
  return { address: address.slice(MAPPED.length), prefix: prefix - MAPPED_BITS, family: 'ipv4' };
}

function isMapped(canonical: string): boolean {
  return canonical.startsWith(MAPPED) && canonical.includes('.');
}

function readPrefix(text: string): number | undefined {
  return /^(?:0|[1-9]\d{0,2})$/.test(text) ? Number(text) : undefined;
}

function invalid(text: string, why: string): IdentityError {
  return new IdentityError('invalid_cidr', `"${text}" ${why}.`);
}
