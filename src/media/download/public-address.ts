import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** All of IPv6 that is routed over the internet lies in here. */
const GLOBAL = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Whether an IP address belongs to the internet: no loopback, private, link-local (the metadata services of clouds),
 * multicast or reserved one, and none that carries such an IPv4 address (mapped, compatible, NAT64, 6to4, Teredo).
 * What is no address is not public.
 */
export function isPublicAddress(address: string): boolean {
  if (!isIP(address)) return false;
  const parsed = ipaddr.process(address);
  return parsed.range() === 'unicast' && (parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL));
}
