import { Redis } from 'ioredis';
import { FlowProducer, Queue, Worker } from 'bullmq';
import type { Backend, BullQueue, KnownMessage } from './backend.js';

/** BullMQ on Redis. `onError` hears of connection errors; ioredis connects again by itself. */
export function openRedisBackend(redisUrl: string, onError: (error: Error) => void): Backend {
  // Producers fail soon when Redis is away: the outbox tries again. Workers wait for as long as it takes.
  const producer = new Redis(redisUrl, { maxRetriesPerRequest: 1, commandTimeout: 5000 });
  const worker = new Redis(redisUrl, { maxRetriesPerRequest: null });
  for (const connection of [producer, worker]) connection.on('error', onError);
  return {
    kind: 'redis',
    queue: (name) => new Queue(name, { connection: producer }),
    flows: () => new FlowProducer({ connection: producer }),
    worker: (name, processor, options) => new Worker(name, processor, { ...options, connection: worker }),
    known: (queue, ids) => knownMessages(producer, queue, ids),
    ping: async () => {
      await producer.ping();
    },
    close: () => {
      producer.disconnect();
      worker.disconnect();
      return Promise.resolve();
    },
  };
}

/** A message is a hash; `finishedOn` is there once it has ended. */
async function knownMessages(
  redis: Redis,
  queue: BullQueue,
  ids: readonly string[],
): Promise<Map<string, KnownMessage>> {
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.hmget(queue.toKey(id), 'timestamp', 'priority', 'finishedOn');
  const answers = (await pipeline.exec()) ?? [];
  const known = new Map<string, KnownMessage>();
  for (const [index, [error, fields]] of answers.entries()) {
    if (error !== null) throw error;
    const [timestamp, priority, finishedOn] = fields as (string | null)[];
    if (timestamp === null) continue;
    known.set(ids[index]!, { hasEnded: finishedOn !== null, rank: Number(priority) });
  }
  return known;
}
