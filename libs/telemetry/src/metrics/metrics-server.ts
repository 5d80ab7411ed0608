import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MetricsRegistry } from './registry.js';
import { mayScrape } from './scrape-access.js';

export interface MetricsServerOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly registry: MetricsRegistry;
  /** Bearer token of whoever scrapes; without it only this machine may. */
  readonly token: string | undefined;
  readonly onError: (error: unknown) => void;
}

export interface MetricsServer {
  readonly url: string;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body: string;
}

const JSON_TYPE = 'application/json';

/**
 * Serves /metrics and /health/live for a process without an API.
 * @throws the system's error when the port cannot be had
 */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const { host, port, onError } = options;
  const server = createServer((request, response) => {
    answer(request, options).then(
      (ready) => send(response, ready),
      (error: unknown) => {
        onError(error);
        send(response, { status: 500, body: 'metrics could not be told\n' });
      },
    );
  });
  server.listen(port, host);
  await once(server, 'listening');
  const { port: taken } = server.address() as AddressInfo;
  const shown = host.includes(':') ? `[${host}]` : host;
  return { url: `http://${shown}:${taken}`, close: () => close(server) };
}

async function answer(request: IncomingMessage, options: MetricsServerOptions): Promise<Answer> {
  const [pathname] = (request.url ?? '/').split('?');
  if (request.method !== 'GET') return { status: 405, body: 'expected GET\n' };
  if (pathname === '/health/live') return { status: 200, type: JSON_TYPE, body: '{"status":"ok"}' };
  if (pathname !== '/metrics') return { status: 404, body: 'expected /metrics or /health/live\n' };
  const { registry, token } = options;
  if (!mayScrape(request, token))
    return { status: 401, body: 'expected the bearer token of METRICS_TOKEN\n' };
  return { status: 200, type: registry.contentType, body: await registry.metrics() };
}

function send(response: ServerResponse, { status, type = 'text/plain; charset=utf-8', body }: Answer): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
