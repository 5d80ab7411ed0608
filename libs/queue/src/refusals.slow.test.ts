import { randomUUID } from 'node:crypto';
import { hasRedisServer, testDatabase, testRedis, waitUntil } from '#testkit';
import { MessageRefused, type Consumer, type Delivery } from './consumer.js';
import { jobMessages } from './job-messages.js';
import { openQueue, type WorkQueue } from './work-queue.js';

const ENGINES = {
  postgres: async () => {
    const database = await testDatabase();
    return { options: { databaseUrl: database.url }, stop: () => database.drop() };
  },
  redis: async () => {
    const redis = await testRedis();
    return { options: { databaseUrl: 'postgres://unused', redisUrl: redis.url }, stop: () => redis.stop() };
  },
};
const available = hasRedisServer() ? (['postgres', 'redis'] as const) : (['postgres'] as const);

interface Got {
  readonly jobId: string;
  readonly delivery: Delivery;
  readonly atMs: number;
}

describe.each(available)('messages on %s', (kind) => {
  let queue: WorkQueue;
  let close: () => Promise<void>;
  let consumer: Consumer<'train.cpu'>;
  let got: Got[];
  let handle: (got: Got) => Promise<void>;

  beforeEach(async () => {
    const { options, stop } = await ENGINES[kind]();
    queue = await openQueue({ ...options, onError: () => {} });
    close = async () => {
      await queue.close();
      await stop();
    };
    [got, handle] = [[], () => Promise.resolve()];
    consumer = await queue.consume('train.cpu', async ({ jobId }, delivery) => {
      const each = { jobId, delivery, atMs: performance.now() };
      got.push(each);
      await handle(each);
    });
  });
  afterEach(() => close());

  const send = (changes: object = {}) => {
    const message = { jobId: randomUUID(), stage: 'train', generation: 0, priority: 0, ...changes } as const;
    return jobMessages(queue)
      .enqueue(message)
      .then(() => message);
  };
  const refuse = (isWanted: boolean) => () => Promise.reject(new MessageRefused('not mine', isWanted));
  const arrivals = (count: number) => waitUntil(`${count} deliveries`, () => got.length >= count);

  test('that are refused come again, later each time, and no try has failed', async () => {
    handle = refuse(false);
    await send();
    await arrivals(2);
    handle = () => Promise.resolve();
    await arrivals(3);
    const waits = got.slice(1).map(({ atMs }, i) => atMs - got[i]!.atMs);
    expect(waits[0]).toBeGreaterThan(900);
    expect(waits[1]).toBeGreaterThan(1900);
    expect(got.map(({ delivery }) => delivery.attemptsMade)).toEqual([0, 0, 0]);
  });

  test('that somebody would take come again soon, however often they were refused', async () => {
    handle = refuse(true);
    const begun = performance.now();
    await send();
    await arrivals(5);
    handle = () => Promise.resolve();
    expect(got[4]!.atMs - begun).toBeLessThan(8_000); // 15 s if each were put off for longer than the one before
  });

  test('that were put off do not keep back those behind them', async () => {
    const first = await send();
    handle = ({ jobId }) => (jobId === first.jobId ? refuse(false)() : Promise.resolve());
    await arrivals(1);
    const second = await send();
    await arrivals(2);
    expect(got[1]!.jobId).toBe(second.jobId);
  });

  test('that were put off come at once when they are expedited', async () => {
    handle = refuse(false);
    const message = await send();
    await arrivals(3);
    handle = () => Promise.resolve();
    await waitUntil('it is put off', async () => (await queue.waiting('train.cpu')) === 0);
    await waitUntil('it is delivered', async () => {
      await jobMessages(queue).expedite(message);
      return got.length === 4;
    });
    expect(got[3]!.atMs - got[2]!.atMs).toBeLessThan(3_500); // 4 s otherwise
    await jobMessages(queue).expedite(message); // it has ended: nothing happens
  });

  test('that were put off take a new priority with them', async () => {
    handle = refuse(false);
    const low = await send();
    await arrivals(1);
    await consumer.pause();
    handle = () => Promise.resolve();
    await waitUntil('it is put off', async () => (await queue.waiting('train.cpu')) === 0);
    const other = await send({ priority: 5 });
    await send({ ...low, priority: 10 });
    await jobMessages(queue).expedite(low);
    await waitUntil('both wait', async () => (await queue.waiting('train.cpu')) === 2);
    await consumer.resume();
    await arrivals(3);
    expect(got.slice(1).map(({ jobId }) => jobId)).toEqual([low.jobId, other.jobId]);
  });

  test('wait while a consumer is paused, and what it handles is not disturbed', async () => {
    let finish = () => {};
    handle = () => new Promise((resolve) => (finish = resolve));
    await send();
    await arrivals(1);
    await consumer.pause();
    const second = await send();
    expect(got[0]!.delivery.signal.aborted).toBe(false);
    finish();
    await waitUntil('it waits', async () => (await queue.waiting('train.cpu')) === 1);
    expect(got).toHaveLength(1);
    await consumer.resume();
    await arrivals(2);
    finish();
    expect(got[1]!.jobId).toBe(second.jobId);
  });

  test('that are handed back wait again, and come when the consumer resumes', async () => {
    handle = ({ delivery: { signal } }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
    const message = await send();
    await arrivals(1);
    await consumer.handBack();
    await waitUntil('it waits', async () => (await queue.waiting('train.cpu')) === 1);
    handle = () => Promise.resolve();
    await consumer.resume();
    await arrivals(2);
    expect(got[1]).toMatchObject({ jobId: message.jobId, delivery: { attemptsMade: 0 } });
    expect(got[1]!.delivery.signal.aborted).toBe(false);
  });

  test('of jobs that need a graphics card have a queue of their own', async () => {
    const message = await send({ needsGpu: true });
    expect(await queue.waiting('train.gpu')).toBe(1);
    const taken: string[] = [];
    await queue.consume('train.gpu', ({ jobId }) => Promise.resolve(void taken.push(jobId)));
    await waitUntil('it is delivered', () => taken.length === 1);
    expect([taken, got]).toEqual([[message.jobId], []]);
  });

  test('stay where they are when their job is pinned to a graphics card later', async () => {
    await consumer.pause();
    const message = await send();
    await send({ ...message, needsGpu: true });
    expect([await queue.waiting('train.gpu'), await queue.waiting('train.cpu')]).toEqual([0, 1]);
    await send({ ...message, needsGpu: true, generation: 1 });
    expect(await queue.waiting('train.gpu')).toBe(1);
  });
});
