import { get, type IncomingMessage } from 'node:http';
import { createParser } from 'eventsource-parser';
import { answerOrder } from './child.js';

/** Follow jobs over server-sent events, as so many clients. */
export interface FollowOrder {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Clients take them in turns. */
  readonly jobIds: readonly string[];
  readonly clients: number;
}

export interface FollowedStream {
  readonly jobId: string;
  /** Number of the last event. */
  readonly last: number;
  /** Numbers up to the last that never came. */
  readonly missed: number;
  /** Events that came more than once, or in the wrong order. */
  readonly doubled: number;
}

export interface FollowResult {
  readonly streams: readonly FollowedStream[];
  /** From the time that an event is stored with to its receipt, of events that were stored while the client was connected. */
  readonly delaysMs: readonly number[];
}

/** Clients break their connection once, each after another event, and go on by Last-Event-ID. */
const breakAfter = (client: number): number => 3 + (client % 20);

answerOrder<FollowOrder, FollowResult>(async (order, { ready }) => {
  const delaysMs: number[] = [];
  let connected = 0;
  const onConnected = () => {
    if (++connected === order.clients) ready();
  };
  const clients = Array.from({ length: order.clients }, (_, index) =>
    new StreamClient(order, index, delaysMs, onConnected).follow(),
  );
  return { streams: await Promise.all(clients), delaysMs };
});

/** One EventSource. */
class StreamClient {
  private readonly jobId: string;
  private last = 0;
  private missed = 0;
  private doubled = 0;
  private count = 0;
  private breaks = 0;

  constructor(
    private readonly order: FollowOrder,
    private readonly index: number,
    private readonly delaysMs: number[],
    private readonly onConnected: () => void,
  ) {
    this.jobId = order.jobIds[index % order.jobIds.length]!;
  }

  /** Until the server ends the stream. */
  async follow(): Promise<FollowedStream> {
    while (!(await this.connect()));
    const { jobId, last, missed, doubled } = this;
    return { jobId, last, missed, doubled };
  }

  /** @returns whether the server ended the stream */
  private connect(): Promise<boolean> {
    const { url, headers } = this.order;
    const resume = this.last > 0 ? { 'last-event-id': String(this.last) } : {};
    return new Promise((resolve, reject) => {
      const options = { agent: false as const, headers: { ...headers, ...resume } };
      const request = get(`${url}/v1/jobs/${this.jobId}/events`, options, (response) => {
        if (response.statusCode !== 200)
          return reject(new Error(`a stream was answered ${response.statusCode}`));
        if (this.breaks === 0) this.onConnected();
        this.read(response, resolve);
      });
      request.once('error', (error) => (this.breaks > 0 ? resolve(false) : reject(error)));
    });
  }

  private read(response: IncomingMessage, ended: (byServer: boolean) => void): void {
    const connectedAt = Date.now();
    const parser = createParser({
      onEvent: ({ id, data }) => {
        this.take(Number(id), data, connectedAt);
        if (this.breaks > 0 || this.count < breakAfter(this.index)) return;
        this.breaks = 1;
        response.destroy();
        ended(false);
      },
    });
    response.setEncoding('utf8');
    // What is left in a piece after the break is lost, as it would be with the connection.
    response.on('data', (text: string) => !response.destroyed && parser.feed(text));
    response.once('end', () => ended(true));
    response.once('error', () => {});
  }

  private take(sequence: number, data: string, connectedAt: number): void {
    const receivedAt = Date.now();
    this.count++;
    if (sequence <= this.last) this.doubled++;
    else this.missed += sequence - this.last - 1;
    this.last = Math.max(this.last, sequence);
    const storedAt = Date.parse((JSON.parse(data) as { at: string }).at);
    if (storedAt > connectedAt) this.delaysMs.push(receivedAt - storedAt);
  }
}
