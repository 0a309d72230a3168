import { isIP } from 'node:net';

import ipaddr from 'ipaddr.js';

/** Which addresses a program may be sent to by somebody else's word. */
export type Reach = 'public' | 'loopback' | 'special';

/**
 * What RFC 6890 and its successors set apart and `ipaddr.js` takes for ordinary: benchmarks, IETF protocols, AS112, and
 * documentation. Outside of 2000::/3 nothing of IPv6 is given to anybody.
 */
const ALSO_SPECIAL = [
  '198.18.0.0/15',
  '192.0.0.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.175.48.0/24',
  '2001::/23',
  '2620:4f:8000::/48',
  '3fff::/20',
].map((cidr) => ipaddr.parseCIDR(cidr));
const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3');

/**
 * `special` is everything that RFC 6890 sets apart (private, link-local, metadata services, multicast, …), and what is no
 * address at all. An IPv4 address inside IPv6 counts as the IPv4 address.
 */
export function reachOf(address: string): Reach {
  if (isIP(address) === 0 || address.includes('%')) return 'special';
  const parsed = ipaddr.process(address);
  const range = parsed.range();
  if (range === 'unicast') return isOrdinary(parsed) ? 'public' : 'special';
  return range === 'loopback' ? 'loopback' : 'special';
}

function isOrdinary(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  const kind = address.kind();
  if (ALSO_SPECIAL.some((cidr) => cidr[0].kind() === kind && address.match(cidr))) return false;
  return kind === 'ipv4' || address.match(GLOBAL_IPV6);
}
