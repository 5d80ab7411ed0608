import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happens to the body of an answer. */
export interface Trouble {
  /** Nothing more comes after so many bytes, until `breakConnections`. */
  readonly holdsAfter?: number;
  /** The first byte is another one. */
  readonly damages?: boolean;
}

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly range: string | undefined;
}

/** Passes requests on to a server, and has trouble with their answers. */
export class UnreliableProxy {
  readonly seen: Seen[] = [];
  /** Of the next answers to GET requests whose paths end so: the first of them goes with the first answer. */
  readonly troubles = new Map<string, Trouble[]>();
  readonly #server = createServer((request, response) => {
    this.#pass(request, response).catch(() => response.destroy());
  });

  private constructor(private readonly target: string) {}

  static async start(target: string): Promise<UnreliableProxy> {
    const proxy = new UnreliableProxy(target);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  breakConnections(): void {
    this.#server.closeAllConnections();
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.breakConnections();
    await once(this.#server, 'close');
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/', headers } = request;
    const kept = Object.entries(headers).filter(([name]) => !['host', 'connection'].includes(name));
    const answer = await fetch(this.target + path, { method, headers: kept as [string, string][] });
    const body = Buffer.from(await answer.arrayBuffer());
    this.seen.push({ method, path, status: answer.status, range: headers.range });
    const passed = [...answer.headers].filter(([name]) => !['connection', 'keep-alive'].includes(name));
    response.writeHead(answer.status, Object.fromEntries(passed));
    const { holdsAfter, damages } = (method === 'GET' && this.#troubleOf(path)) || {};
    if (damages) body[0]! ^= 255;
    if (holdsAfter === undefined) response.end(body);
    else response.write(body.subarray(0, holdsAfter));
  }

  #troubleOf(path: string): Trouble | undefined {
    const [, troubles] = [...this.troubles].find(([end]) => path.endsWith(end)) ?? [];
    return troubles?.shift();
  }
}
