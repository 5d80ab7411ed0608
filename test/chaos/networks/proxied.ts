import type { Cut, Network, Networks } from './network.js';
import { tcpProxy, type TcpProxy } from './tcp-proxy.js';

/** Networks that any user may make: proxies on the loopback interface, one before each server of each process. */
export const proxiedNetworks = (): Networks => ({
  kind: 'proxies',
  open: () => Promise.resolve(proxied('127.0.0.1', [])),
  close: () => Promise.resolve(),
});

/** A network of proxies. @param host where they listen, for the process to connect to */
export function proxied(host: string, command: readonly string[], address = host): Network {
  const proxies: TcpProxy[] = [];
  return {
    address,
    command,
    reach: async (port) => {
      const proxy = await tcpProxy(host, port);
      proxies.push(proxy);
      return { host, port: proxy.port };
    },
    cut: (how: Cut) => proxies.forEach((proxy) => proxy.cut(how)),
    mend: () => proxies.forEach((proxy) => proxy.mend()),
    close: async () => {
      for (const proxy of proxies) await proxy.close();
    },
  };
}
