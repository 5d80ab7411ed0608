import { BlockList, isIP } from 'node:net';
import type { UrlPolicy } from '#webhooks';

type Family = 'ipv4' | 'ipv6';

/** Networks of one's own: loopback, RFC 1918, shared address space (RFC 6598), unique local addresses. */
const PRIVATE = subnets([
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10],
  ['::1', 128],
  ['fc00::', 7],
]);

/**
 * Never anybody's endpoint (IANA's special-purpose registries): link-local networks, where clouds answer with credentials
 * (below), other addresses of such services, multicast, documentation, and IPv6 that stands for an IPv4 address.
 */
const NEVER = subnets([
  ['0.0.0.0', 8],
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fd00:ec2::', 32],
]);

const LINK_LOCAL = subnets([
  ['169.254.0.0', 16],
  ['fe80::', 10],
]);

/** All of IPv6 that is given out; the rest has other uses or none. */
const GLOBAL_IPV6 = subnets([['2000::', 3]]);

/**
 * Where webhooks may be posted to: public addresses over https and, where the service allows it, private ones over http
 * too.
 */
export class AddressPolicy implements UrlPolicy {
  constructor(private readonly allowPrivateAddresses: boolean) {}

  objectionTo(url: string): string | undefined {
    const { protocol, hostname, username, password } = new URL(url);
    if (username !== '' || password !== '') return 'a URL without user and password';
    if (protocol !== 'https:' && !(protocol === 'http:' && this.allowPrivateAddresses)) {
      return `an https URL${this.allowPrivateAddresses ? ', or an http URL of a private address' : ''}`;
    }
    const address = addressIn(hostname);
    return address === undefined || this.allows(address, protocol) ? undefined : this.inPlaceOf(address);
  }

  /** @param protocol as a URL has it, with the colon */
  allows(scoped: string, protocol: string): boolean {
    const [address, family] = unscoped(scoped);
    if (LINK_LOCAL.check(address, family) || NEVER.check(address, family)) return false;
    if (PRIVATE.check(address, family)) return this.allowPrivateAddresses;
    return protocol === 'https:' && (family === 'ipv4' || GLOBAL_IPV6.check(address, family));
  }

  /** For behind "expected", of an address that is not allowed. */
  inPlaceOf(address: string): string {
    const allowed = `a public address over https${this.allowPrivateAddresses ? ', or a private one' : ''}`;
    return LINK_LOCAL.check(...unscoped(address)) ? `${allowed}, never a link-local one` : allowed;
  }
}

/** Without the zone of a link-local address. */
function unscoped(scoped: string): [string, Family] {
  const address = scoped.replace(/%.*$/, '');
  return [address, familyOf(address)];
}

/** The address that stands in a URL in place of a name. */
export function addressIn(hostname: string): string | undefined {
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(address) === 0 ? undefined : address;
}

function subnets(networks: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of networks) list.addSubnet(network, prefix, familyOf(network));
  return list;
}

function familyOf(address: string): Family {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
