import { Redis } from 'ioredis';
import { FlowProducer, Queue, Worker } from 'bullmq';
import type { Backend } from './backend.js';

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
