/** Devices that fetch the same bundle at once, each over a connection of its own; some break off midway and go on from there. */
import { createHash } from 'node:crypto';
import { answerOrder } from '../service/child.js';
import { requireDigest, TransferClient } from './transfer-client.js';
import type { AnswerHead } from './transfer-connection.js';

export interface FleetOrder {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly route: string;
  readonly devices: number;
  /** So many of the devices break off once. */
  readonly breaking: number;
}

export interface FleetResult {
  /** Why devices have no bundle, or one of another digest. */
  readonly failures: readonly string[];
  /** How many went on where they had broken off. */
  readonly resumed: number;
  readonly bytes: number;
  readonly seconds: number;
}

answerOrder<FleetOrder, FleetResult>(async (order) => {
  const { devices, breaking } = order;
  const failures: string[] = [];
  let [resumed, bytes] = [0, 0];
  const startedMs = performance.now();
  const run = async (device: number) => {
    // Spread over the file: the first one breaks off soon, the last one near the end.
    const breaksAt = device < breaking ? (device + 1) / (breaking + 1) : 1;
    const fetched = await fetchAsDevice(order, breaksAt);
    bytes += fetched.bytes;
    if (fetched.isResumed) resumed++;
  };
  const note = (error: Error) => void failures.push(error.message);
  await Promise.all(Array.from({ length: devices }, (_, device) => run(device).catch(note)));
  return { failures, resumed, bytes, seconds: (performance.now() - startedMs) / 1000 };
});

/** Breaks a download off. */
class Enough extends Error {}

async function fetchAsDevice({ url, headers, route }: FleetOrder, breaksAt: number) {
  const hash = createHash('sha256');
  let bytes = 0;
  let whole: AnswerHead | undefined;
  const lengthOf = (head: AnswerHead) => Number(head.headers.get('content-length'));
  const take = (part: Buffer) => {
    hash.update(part);
    bytes += part.length;
  };
  await overOwnConnection({ url, headers }, (client) =>
    client.get(route, (part, head) => {
      whole = head;
      const most = Math.floor(breaksAt * lengthOf(head));
      take(part.subarray(0, most - bytes));
      if (bytes === most && most < lengthOf(head)) throw new Enough();
    }),
  );
  const isResumed = bytes < lengthOf(whole!);
  if (isResumed) {
    const wanted = { range: `bytes=${bytes}-`, 'if-range': whole!.headers.get('etag')! };
    await overOwnConnection({ url, headers }, (client) =>
      client.get(route, take, { status: 206, headers: wanted }),
    );
  }
  requireDigest(whole!, hash.digest('base64'));
  return { bytes, isResumed };
}

async function overOwnConnection(
  { url, headers }: Pick<FleetOrder, 'url' | 'headers'>,
  use: (client: TransferClient) => Promise<unknown>,
): Promise<void> {
  const client = await TransferClient.open(url, headers);
  try {
    await use(client);
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
  } finally {
    client.close();
  }
}
