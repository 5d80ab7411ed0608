/** Devices that fetch the same bundle at once, each over a connection of its own; some break off midway and go on from there. */
import { createHash, type Hash } from 'node:crypto';
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
    const breaksAt = device < breaking ? (device + 1) / (breaking + 1) : undefined;
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

async function fetchAsDevice({ url, headers, route }: FleetOrder, breaksAt: number | undefined) {
  const hash = createHash('sha256');
  let bytes = 0;
  const within = async (range: Parameters<TransferClient['get']>[2], most = Infinity) => {
    const client = await TransferClient.open(url, headers);
    let head: AnswerHead | undefined;
    try {
      await client.get(
        route,
        (part, of) => {
          head = of;
          bytes += hashed(hash, part);
          if (bytes >= most * Number(of.headers.get('content-length'))) throw new Enough();
        },
        range,
      );
    } catch (error) {
      if (!(error instanceof Enough)) throw error;
    } finally {
      client.close();
    }
    return head!;
  };
  const first = await within({}, breaksAt);
  const isResumed = bytes < Number(first.headers.get('content-length'));
  if (isResumed) {
    const wanted = { range: `bytes=${bytes}-`, 'if-range': first.headers.get('etag')! };
    await within({ status: 206, headers: wanted });
  }
  requireDigest(first, hash.digest('base64'));
  return { bytes, isResumed };
}

function hashed(hash: Hash, part: Buffer): number {
  hash.update(part);
  return part.length;
}
