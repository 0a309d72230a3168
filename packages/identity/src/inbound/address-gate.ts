import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv4 } from 'node:net';

import proxyAddr from 'proxy-addr';

import { canonicalAddress, type Cidr, parseCidr, parseProxyCidr } from './parse-cidr.ts';

/** Both lists hold CIDRs. */
export interface AddressGateOptions {
  /** Who may connect; empty: any address. */
  readonly allowlist: readonly string[];
  /** Whose X-Forwarded-For is believed; empty: nobody's. */
  readonly trustedProxies: readonly string[];
}

/** Where a request comes from, and whether that is allowed. */
export interface AddressGate {
  /** The client's address in its one canonical spelling, or `unknown`: never text that the client chose freely. */
  clientAddress(req: Pick<IncomingMessage, 'headers' | 'socket'>): string;
  admits(address: string): boolean;
}

const UNKNOWN = 'unknown';

/** Builds the gate. Throws `IdentityError` `invalid_cidr` for an unreadable range and for a trusted `/0`. */
export function createAddressGate(options: AddressGateOptions): AddressGate {
  const allowed = createRanges(options.allowlist.map(parseCidr));
  const trusted = createRanges(options.trustedProxies.map(parseProxyCidr));
  const admitsAll = options.allowlist.length === 0;
  const trustsNone = options.trustedProxies.length === 0;

  /** Walks from the socket outwards and stops at the first hop that is not one of ours: what lies beyond is hearsay. */
  function clientAddress(req: Pick<IncomingMessage, 'headers' | 'socket'>): string {
    // proxy-addr reads the same two and nothing else.
    const hop = trustsNone ? req.socket.remoteAddress : proxyAddr(req as IncomingMessage, trusted);
    return readHop(hop) ?? UNKNOWN;
  }

  return {
    clientAddress,
    admits: (address) => admitsAll || allowed(address),
  };
}

function createRanges(cidrs: readonly Cidr[]): (hop: string | undefined) => boolean {
  // A list for each family: in one list, an IPv6 range as wide as ::/64 would also hold every IPv4 address.
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const { address, prefix, family } of cidrs) lists[family].addSubnet(address, prefix, family);
  return (hop) => {
    const address = readHop(hop);
    if (address === undefined) return false;
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    return lists[family].check(address, family);
  };
}

/** A hop as proxies write it: some add the port, and brackets around IPv6. */
function readHop(hop: string | undefined): string | undefined {
  if (hop === undefined) return undefined;
  if (isIP(hop) !== 0) return canonicalAddress(hop);
  const bare = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(hop)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(hop)?.[1];
  return bare === undefined ? undefined : canonicalAddress(bare);
}
