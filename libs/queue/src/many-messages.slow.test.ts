import { randomUUID } from 'node:crypto';
import { AppError } from '#contracts';
import type { JobMessage } from '#jobs';
import { hasRedisServer, testDatabase, testRedis, waitUntil } from '#testkit';
import { jobMessages } from './job-messages.js';
import { openQueue, type WorkQueue } from './work-queue.js';

const ENGINES = {
  postgres: async () => {
    const database = await testDatabase();
    return { databaseUrl: database.url, redisUrl: undefined, stop: () => database.drop() };
  },
  redis: async () => {
    const redis = await testRedis();
    return { databaseUrl: '', redisUrl: redis.url, stop: () => redis.stop() };
  },
};
const available = hasRedisServer() ? (['postgres', 'redis'] as const) : (['postgres'] as const);

describe.each(available)('many messages at once on %s', (kind) => {
  let engine: Awaited<ReturnType<(typeof ENGINES)['redis' | 'postgres']>>;
  let queue: WorkQueue;
  beforeEach(async () => {
    engine = await ENGINES[kind]();
    queue = await openQueue({ ...engine, onError: () => {} });
  });
  afterEach(async () => {
    await queue.close();
    await engine.stop();
  });

  const aMessage = (changes: Partial<JobMessage> = {}): JobMessage => ({
    ...{ jobId: randomUUID(), stage: 'train', generation: 0, priority: 0 },
    ...changes,
  });
  const enqueueAll = async (...messages: JobMessage[]) => {
    const results = await jobMessages(queue).enqueueAll(messages);
    return results.map(({ status }) => status);
  };
  const missing = (...messages: JobMessage[]) => jobMessages(queue).missing(messages);
  const ofQueue = async (name: string) => (await queue.counts()).find((counts) => counts.queue === name);
  /** Ids of jobs in the order in which their trainings are handled. */
  const handled = async (count: number, handle: () => Promise<void> = () => Promise.resolve()) => {
    const got: string[] = [];
    await queue.consume('train.cpu', ({ jobId }) => {
      got.push(jobId);
      return handle();
    });
    await waitUntil(`${count} messages are handled`, () => got.length === count);
    return got;
  };

  it('are delivered in their order, each once, however often they are put in', async () => {
    const messages = Array.from({ length: 120 }, () => aMessage());
    const statuses = await enqueueAll(...messages);
    expect(new Set(statuses)).toEqual(new Set(['fulfilled']));
    await Promise.all([enqueueAll(...messages), enqueueAll(...messages.slice(50), aMessage())]);
    const got = await handled(121);
    expect(got.slice(0, 120)).toEqual(messages.map(({ jobId }) => jobId));
  });

  it('go to the queues of their stages, with their traces', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const publish = { ...aMessage({ stage: 'publish', generation: 2 }), traceparent };
    await enqueueAll(aMessage(), publish, aMessage({ needsGpu: true }), aMessage({ stage: 'adjust' }));
    const waiting = (await queue.counts()).map((counts) => [counts.queue, counts.waiting]);
    expect(Object.fromEntries(waiting)).toEqual({ 'train.gpu': 1, 'train.cpu': 2, light: 1 });
    const got: unknown[] = [];
    await queue.consume('light', (data) => Promise.resolve(void got.push(data)));
    await waitUntil('it is handled', () => got.length === 1);
    expect(got).toEqual([{ jobId: publish.jobId, stage: 'publish', generation: 2, traceparent }]);
  });

  it('give those that wait their new priorities, of which the last counts', async () => {
    const [low, usual, raised] = [
      aMessage({ priority: -5 }),
      aMessage(),
      aMessage({ priority: -10 }),
    ] as const;
    await enqueueAll(low, usual, raised);
    await enqueueAll(
      usual,
      { ...raised, priority: 3 },
      { ...raised, priority: 7 },
      aMessage({ priority: 5 }),
    );
    const got = await handled(4);
    expect([got[0], ...got.slice(2)]).toEqual([raised, usual, low].map(({ jobId }) => jobId));
  });

  it('are put in anew where their earlier run has ended, and left alone where it has not', async () => {
    const [failed, running] = [aMessage(), aMessage()] as const;
    await enqueueAll(failed, running);
    const got: string[] = [];
    let finish = () => {};
    const held = new Promise<void>((resolve) => (finish = resolve));
    await queue.consume(
      'train.cpu',
      ({ jobId }) => {
        got.push(jobId);
        return jobId === running.jobId ? held : Promise.reject(new AppError('training_diverged', 'NaN'));
      },
      { concurrency: 2 },
    );
    await waitUntil('one has failed', async () => (await ofQueue('train.cpu'))?.failed === 1);
    expect(await missing(failed, running)).toEqual([failed]);
    await enqueueAll(failed, running);
    await waitUntil('it has failed again', () => got.filter((id) => id === failed.jobId).length === 2);
    finish();
    expect(got.filter((id) => id === running.jobId)).toHaveLength(1);
  });

  it('stay in the other queue of trainings when their job needs a graphics card by now', async () => {
    const message = aMessage();
    await enqueueAll(message, aMessage());
    await enqueueAll({ ...message, needsGpu: true }, aMessage({ needsGpu: true }));
    expect(await ofQueue('train.gpu')).toMatchObject({ waiting: 1 });
    expect(await missing({ ...message, needsGpu: true })).toEqual([]);
  });

  it('keep none back when one cannot be a message', async () => {
    const bad = aMessage({ jobId: 'x' });
    expect(await enqueueAll(aMessage(), bad, aMessage())).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await ofQueue('train.cpu')).toMatchObject({ waiting: 2 });
    expect(await enqueueAll()).toEqual([]);
    expect(await missing()).toEqual([]);
  });

  it('are missing when they were never put in, or wait with another priority', async () => {
    const [there, other, never] = [aMessage(), aMessage({ priority: 4 }), aMessage()] as const;
    await enqueueAll(there, other);
    const changed = { ...other, priority: 5 };
    expect(await missing(there, changed, never)).toEqual([changed, never]);
    expect(await missing({ ...there, generation: 1 })).toHaveLength(1);
  });

  it('are all refused while the engine is away', async () => {
    await engine.stop();
    const results = await jobMessages(queue).enqueueAll([aMessage(), aMessage()]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(missing(aMessage())).rejects.toThrow();
    engine = { ...engine, stop: () => Promise.resolve() };
  });
});
