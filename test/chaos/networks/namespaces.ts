import { execFileSync } from 'node:child_process';
import type { Network, Networks } from './network.js';
import { proxied } from './proxied.js';

const ip = (...args: readonly string[]) => execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });

/** Whether this user, on this machine, may make network namespaces: Linux, as root or with CAP_NET_ADMIN and CAP_SYS_ADMIN. */
export function hasNamespaces(): boolean {
  const name = `isochron-try-${process.pid}`;
  try {
    ip('netns', 'add', name);
    ip('netns', 'delete', name);
    execFileSync('nsenter', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * Each process in a network namespace of its own, which a cable (a veth pair) joins to a switch (a bridge), as machines are. Servers
 * of this machine are reached by its address on the switch.
 */
export function namespaces(): Networks {
  const run = process.pid.toString(36);
  const bridge = `icb${run}`;
  // 198.18.0.0/15 is set aside for trials of networks (RFC 2544).
  const subnet = `198.18.${process.pid % 256}`;
  const gateway = `${subnet}.1`;
  const opened: Network[] = [];
  ip('link', 'add', bridge, 'type', 'bridge');
  ip('address', 'add', `${gateway}/24`, 'dev', bridge);
  ip('link', 'set', bridge, 'up');
  return {
    kind: 'namespaces',
    open: () => {
      const number = opened.length + 2;
      const cable = { name: `isochron-${run}-${number}`, bridge, plug: `icv${run}${number}` };
      const network = namespace({ ...cable, address: `${subnet}.${number}`, gateway });
      opened.push(network);
      return Promise.resolve(network);
    },
    close: () => {
      ip('link', 'delete', bridge);
      return Promise.resolve();
    },
  };
}

interface Cable {
  readonly name: string;
  readonly bridge: string;
  /** The end of the cable at the bridge. */
  readonly plug: string;
  readonly address: string;
  readonly gateway: string;
}

function namespace({ name, bridge, plug, address, gateway }: Cable): Network {
  ip('netns', 'add', name);
  ip('link', 'add', plug, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  ip('link', 'set', plug, 'master', bridge, 'up');
  ip('-n', name, 'address', 'add', `${address}/24`, 'dev', 'eth0');
  ip('-n', name, 'link', 'set', 'eth0', 'up');
  ip('-n', name, 'link', 'set', 'lo', 'up');
  const servers = proxied(gateway, ['nsenter', `--net=/run/netns/${name}`], address);
  return {
    ...servers,
    cut: (how) => {
      // A pulled cable: nobody is told. What resets connections is at their other end.
      if (how === 'swallow') ip('link', 'set', plug, 'down');
      else servers.cut(how);
    },
    mend: () => {
      ip('link', 'set', plug, 'up');
      servers.mend();
    },
    close: async () => {
      await servers.close();
      // The namespace itself stays for as long as the kernel has something to send from it.
      ip('link', 'delete', plug);
      ip('netns', 'delete', name);
    },
  };
}
