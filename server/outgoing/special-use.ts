// Addresses that are not out in the world: what a stranger's URL must not make this server connect to. Registries of IANA for
// special-purpose addresses (RFC 6890 and its successors), with multicast and what carries an IPv4 address inside.

import { BlockList, isIPv4, isIPv6 } from 'node:net';

const ipv4: [network: string, bits: number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];

// Of IPv6 only 2000::/3 is given out; the rest of the space is left alone whatever it is.
const ipv6Global: [string, number] = ['2000::', 3];
const ipv6Special: [network: string, bits: number][] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
];

const special = new BlockList();
for (const [network, bits] of ipv4) special.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of ipv6Special) special.addSubnet(network, bits, 'ipv6');
const global6 = new BlockList();
global6.addSubnet(...ipv6Global, 'ipv6');

/** True unless this IP address is one of the public Internet. What is no IP address counts as special. */
export function isSpecialUse(address: string): boolean {
  if (isIPv6(address)) return !global6.check(address, 'ipv6') || special.check(address, 'ipv6');
  return !isIPv4(address) || special.check(address, 'ipv4');
}
