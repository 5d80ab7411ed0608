import { randomUUID } from 'node:crypto';
import type { Job } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import { hasRedisServer, testDatabase, testRedis, waitUntil } from '#testkit';
import type { Backend } from './backend.js';
import { Consumer, LockLost, type Delivery } from './consumer.js';
import { openPostgresBackend } from './postgres-backend.js';
import { openRedisBackend } from './redis-backend.js';

interface Engine {
  readonly backend: Backend;
  /** When the lock of a message ends unless it is renewed, in ms of any epoch. */
  readonly lockEndsAt: (id: string) => Promise<number>;
  readonly close: () => Promise<void>;
}

const ENGINES: Record<Backend['kind'], () => Promise<Engine>> = {
  postgres: async () => {
    const database = await testDatabase();
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const backend = await openPostgresBackend(database.url, () => {});
    return {
      backend,
      lockEndsAt: async (id) => {
        const { rows } = await client.query<{ at: string }>(
          'SELECT locked_until_ms AS at FROM bullmq.job WHERE id = $1',
          [id],
        );
        return Number(rows[0]!.at);
      },
      close: async () => {
        await client.end();
        await backend.close();
        await database.drop();
      },
    };
  },
  redis: async () => {
    const server = await testRedis();
    const client = new Redis(server.url);
    const backend = openRedisBackend(server.url, () => {});
    return {
      backend,
      lockEndsAt: async (id) => Date.now() + (await client.pttl(`bull:train.cpu:${id}:lock`)),
      close: async () => {
        client.disconnect();
        await backend.close();
        await server.stop();
      },
    };
  },
};
const available = hasRedisServer() ? (['postgres', 'redis'] as const) : (['postgres'] as const);

describe.each(available)('on %s, a message that comes again to the worker that still handles it', (kind) => {
  let engine: Engine;
  let consumer: Consumer<'train.cpu'>;
  const deliveries: { delivery: Delivery; finish: () => void }[] = [];
  beforeAll(async () => {
    engine = await ENGINES[kind]();
    const handler = (_: unknown, delivery: Delivery) =>
      new Promise<void>((finish) => deliveries.push({ delivery, finish }));
    consumer = new Consumer(engine.backend, 'train.cpu', handler, { concurrency: 2 }, () => {});
  });
  afterAll(async () => {
    await consumer.close({ force: true });
    await engine.close();
    deliveries.length = 0;
  });

  it('is lost to its first delivery alone, and the second keeps its lock when that one ends', async () => {
    const { backend, lockEndsAt } = engine;
    const id = randomUUID();
    const queue = backend.queue('train.cpu');
    await queue.add('train.cpu', { jobId: id, stage: 'train', generation: 0 }, { jobId: id });
    await waitUntil('its first delivery', () => deliveries.length === 1);
    // What the engine does once the lock has run out.
    await ((await queue.getJob(id)) as unknown as Job).moveToWait('0');
    await waitUntil('its second delivery', () => deliveries.length === 2);
    const [first, second] = deliveries as [(typeof deliveries)[0], (typeof deliveries)[0]];
    await waitUntil('the first to be told', () => first.delivery.signal.aborted);
    expect(first.delivery.signal.reason).toBeInstanceOf(LockLost);
    first.finish();
    const endsAt = await lockEndsAt(id);
    await waitUntil('the lock to be renewed', async () => (await lockEndsAt(id)) > endsAt + 1000);
    expect([second.delivery.signal.aborted, deliveries.length]).toEqual([false, 2]);
    second.finish();
    await waitUntil('the message to end', async () => {
      return (await (await queue.getJob(id))?.getState()) === 'completed';
    });
    await queue.close();
  });
});
