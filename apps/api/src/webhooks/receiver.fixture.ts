import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

export interface Received {
  readonly headers: Record<string, string>;
  readonly body: string;
}

type Reply = (response: ServerResponse, received: Received) => void;

export const answers =
  (status: number, body = '', headers: Record<string, string> = {}): Reply =>
  (response) =>
    void response.writeHead(status, headers).end(body);

/** Somebody's endpoint: a real HTTP server that keeps what it gets and answers what a test says. */
export class Receiver {
  readonly received: Received[] = [];
  reply: Reply = answers(204);
  /** Requests that had no answer yet, at most at any time. */
  mostAtOnce = 0;
  private waiting = 0;

  private constructor(private readonly server: Server) {}

  static async open(): Promise<Receiver> {
    const server = createServer((request, response) => void receiver.take(request, response));
    const receiver = new Receiver(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  get ids(): string[] {
    return this.received.map(({ headers }) => headers['webhook-id']!);
  }

  get types(): string[] {
    return this.received.map(({ body }) => (JSON.parse(body) as { type: string }).type);
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.waiting);
    response.once('close', () => this.waiting--);
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const received = { headers: request.headers as Record<string, string>, body };
    this.received.push(received);
    this.reply(response, received);
  }
}

/**
 * What the library of Standard Webhooks reads from a request, by a clock that shows the time at which it was signed.
 * @throws its error when the signature is of another secret
 */
export function verified(secret: string, { headers, body }: Received): unknown {
  const clock = Date.now;
  Date.now = () => Number(headers['webhook-timestamp']) * 1000;
  try {
    return new Webhook(secret).verify(body, headers);
  } finally {
    Date.now = clock;
  }
}
