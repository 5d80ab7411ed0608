import net from 'node:net';
import type { Cut } from './network.js';

/** A network between one process and one server, which can be cut. */
export interface TcpProxy {
  readonly port: number;
  /** Breaks every connection; `refuse` answers new ones with a reset, `swallow` takes them and what they send and says nothing. */
  cut(how: Cut): void;
  mend(): void;
  close(): Promise<void>;
}

/** @param host address that it listens on @param upstream port on this machine, asked for at every connection: a server that was started again may have another */
export async function tcpProxy(host: string, upstream: () => number): Promise<TcpProxy> {
  const sockets = new Set<net.Socket>();
  let state: 'whole' | Cut = 'whole';
  const keep = (socket: net.Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
  };
  const server = net.createServer((client) => {
    keep(client);
    if (state === 'refuse') return client.resetAndDestroy();
    if (state === 'swallow') return client.resume();
    const remote = net.connect({ host: '127.0.0.1', port: upstream() });
    keep(remote);
    client.pipe(remote).pipe(client);
    client.once('close', () => remote.destroy());
    remote.once('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const breakAll = () => {
    for (const socket of sockets) {
      socket.unpipe();
      if (state === 'refuse') socket.resetAndDestroy();
      else socket.resume(); // as if a cable were pulled: nobody is told
    }
  };
  return {
    port: (server.address() as net.AddressInfo).port,
    cut: (how) => {
      state = how;
      breakAll();
    },
    mend: () => {
      state = 'whole';
      for (const socket of sockets) socket.destroy();
    },
    close: () => {
      state = 'refuse';
      breakAll();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
