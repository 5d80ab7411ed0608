import { randomUUID } from 'node:crypto';
import { answerOrder } from './child.js';
import { HttpConnection } from './http-connection.js';

/** Submit jobs from so many connections for so long. */
export interface SubmitOrder {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Bodies of POST /v1/jobs, sent in turns. */
  readonly bodies: readonly string[];
  /** Whether every request has an Idempotency-Key of its own. */
  readonly keyed: boolean;
  readonly connections: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

export interface SubmitResult {
  /** Of all jobs that were accepted, those of the warm-up too. */
  readonly accepted: readonly string[];
  /** From the first byte sent to the last received, of requests that were answered after the warm-up. */
  readonly timesMs: readonly number[];
  /** Of the time in which those were answered. */
  readonly seconds: number;
  /** Answers that are no 202, by status, with the body of the first; lost connections count as 0. */
  readonly refused: Readonly<Record<string, { readonly count: number; readonly first: string }>>;
}

answerOrder<SubmitOrder, SubmitResult>(async (order) => {
  const accepted: string[] = [];
  const timesMs: number[] = [];
  const refused: Record<string, { count: number; first: string }> = {};
  const begun = performance.now();
  const measuredFrom = begun + order.warmUpSeconds * 1000;
  const until = measuredFrom + order.seconds * 1000;
  let next = 0;

  const submit = async (connection: HttpConnection): Promise<void> => {
    const body = order.bodies[next++ % order.bodies.length]!;
    const headers = order.keyed ? { ...order.headers, 'idempotency-key': randomUUID() } : order.headers;
    const sent = performance.now();
    const answer = await connection.post('/v1/jobs', headers, body);
    const answered = performance.now();
    if (answer.status !== 202) return refuse(String(answer.status), answer.body);
    accepted.push(idOf(answer.body));
    if (answered >= measuredFrom && answered < until) timesMs.push(answered - sent);
  };
  const refuse = (status: string, body: string) => {
    refused[status] = { count: (refused[status]?.count ?? 0) + 1, first: refused[status]?.first ?? body };
  };
  const useConnection = async (): Promise<void> => {
    const connection = await HttpConnection.open(order.url);
    try {
      while (performance.now() < until) await submit(connection);
    } catch (error) {
      refuse('0', String(error));
    } finally {
      connection.close();
    }
  };
  await Promise.all(Array.from({ length: order.connections }, useConnection));
  return { accepted, timesMs, seconds: order.seconds, refused };
});

/** The answer's first field; taking the whole of it apart would be the client's work, not the server's. */
function idOf(body: string): string {
  const [, id] = /^\{"id":"([0-9a-f-]{36})"/.exec(body) ?? [];
  return id ?? (JSON.parse(body) as { id: string }).id;
}
