import { randomUUID } from 'node:crypto';
import { AppError } from '#contracts';
import type { JobMessage } from '#jobs';
import { hasRedisServer, testDatabase, testRedis, waitUntil } from '#testkit';
import { QueueMessageError, type QueueData, type QueueName } from './catalogue.js';
import { ConsumerStopped, type Delivery } from './consumer.js';
import { jobMessages } from './job-messages.js';
import { openQueue, type WorkQueue } from './work-queue.js';

interface Engine {
  readonly databaseUrl: string;
  readonly redisUrl?: string;
  stop(): Promise<void>;
}

const ENGINES: Record<WorkQueue['kind'], () => Promise<Engine>> = {
  postgres: async () => {
    const database = await testDatabase();
    return { databaseUrl: database.url, stop: () => database.drop() };
  },
  redis: async () => {
    const redis = await testRedis();
    const databaseUrl = 'postgres://nobody@127.0.0.1:1/unused';
    return { databaseUrl, redisUrl: redis.url, stop: () => redis.stop() };
  },
};
const available = hasRedisServer() ? (['postgres', 'redis'] as const) : (['postgres'] as const);

const aMessage = (jobId: string, stage: JobMessage['stage'] = 'train', priority = 0): JobMessage => ({
  ...{ jobId, stage, priority },
  generation: 0,
});

describe.each(available)('the queue on %s', (kind) => {
  let engine: Engine;
  let queue: WorkQueue;
  const opened: WorkQueue[] = [];
  const open = async (): Promise<WorkQueue> => {
    const another = await openQueue({ ...engine, onError: () => {} });
    opened.push(another);
    return another;
  };

  beforeAll(async () => {
    engine = await ENGINES[kind]();
  });
  afterAll(() => engine.stop());
  beforeEach(async () => {
    queue = await open();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((each) => each.close()));
  });

  /** Handles messages by `handle`, remembering what it got of the given job. */
  const collect = async <N extends QueueName>(
    name: N,
    jobId: string,
    handle: (delivery: Delivery) => Promise<void> = () => Promise.resolve(),
    by = queue,
  ) => {
    const got: QueueData<N>[] = [];
    const deliveries: Delivery[] = [];
    const consumer = await by.consume(name, async (data, delivery) => {
      if (!('jobId' in data) || data.jobId !== jobId) return;
      got.push(data);
      deliveries.push(delivery);
      await handle(delivery);
    });
    return { got, deliveries, consumer };
  };

  it('says which engine it is and that it answers', async () => {
    expect(queue.kind).toBe(kind);
    await queue.health();
  });

  it('delivers a message as it was put in', async () => {
    const jobId = randomUUID();
    await queue.enqueue('light', { jobId, stage: 'publish', generation: 0 }, { id: `${jobId}.publish` });
    const { got, deliveries } = await collect('light', jobId);
    await waitUntil('the message is handled', () => got.length === 1);
    expect(got).toEqual([{ jobId, stage: 'publish', generation: 0 }]);
    expect(deliveries[0]!.attemptsMade).toBe(0);
  });

  it('delivers to a worker that waits already, from another process', async () => {
    const jobId = randomUUID();
    const { got } = await collect('train.cpu', jobId, undefined, await open());
    await jobMessages(queue).enqueue(aMessage(jobId));
    await waitUntil('the message is handled', () => got.length === 1);
  });

  it('ignores a message that waits or is being handled', async () => {
    const jobId = randomUUID();
    const message = aMessage(jobId);
    const messages = jobMessages(queue);
    await Promise.all([messages.enqueue(message), messages.enqueue(message), messages.enqueue(message)]);
    let finish = () => {};
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const { got } = await collect('train.cpu', jobId, () => finished);
    await waitUntil('the message is being handled', () => got.length === 1);
    await messages.enqueue(message);
    finish();
    await messages.enqueue(aMessage(jobId, 'publish'));
    const light = await collect('light', jobId);
    await waitUntil('a later message is handled', () => light.got.length === 1);
    expect(got).toHaveLength(1);
  });

  it('takes a message again whose earlier run has ended', async () => {
    const jobId = randomUUID();
    const { got } = await collect('light', jobId);
    const enqueue = () =>
      queue.enqueue('light', { jobId, stage: 'verify', generation: 0 }, { id: `${jobId}.verify` });
    await enqueue();
    await waitUntil('the first run', () => got.length === 1);
    await waitUntil('the second run', async () => {
      await enqueue();
      return got.length > 1;
    });
  });

  it('delivers again after an infrastructure fault, and says so to the handler', async () => {
    const jobId = randomUUID();
    const fault = new Error('the database went away');
    const { got, deliveries } = await collect('light', jobId, ({ attemptsMade }) =>
      attemptsMade === 0 ? Promise.reject(fault) : Promise.resolve(),
    );
    await queue.enqueue('light', { jobId, stage: 'verify', generation: 0 }, { id: `${jobId}.verify` });
    await waitUntil('the retry', () => got.length === 2);
    expect(deliveries.map((delivery) => delivery.attemptsMade)).toEqual([0, 1]);
    expect(deliveries[0]!.willRetry(fault)).toBe(true);
  });

  it("does not deliver again after a user's fault", async () => {
    const jobId = randomUUID();
    const fault = new AppError('training_diverged', 'loss is NaN');
    const failing = await collect('light', jobId, () => Promise.reject(fault));
    await queue.enqueue('light', { jobId, stage: 'verify', generation: 0 }, { id: `${jobId}.verify` });
    await waitUntil('the failure', () => failing.got.length === 1);
    expect(failing.deliveries[0]!.willRetry(fault)).toBe(false);
    // The queue holds no retry back: the message ended, so the same id is taken anew and comes as a first attempt.
    await waitUntil('a new run', async () => {
      await queue.enqueue('light', { jobId, stage: 'verify', generation: 0 }, { id: `${jobId}.verify` });
      return failing.got.length > 1;
    });
    expect(new Set(failing.deliveries.map((delivery) => delivery.attemptsMade))).toEqual(new Set([0]));
  });

  it('tells a handler to stop when it is closed, and gives the message to the next worker as it was', async () => {
    const jobId = randomUUID();
    const untilAborted = (delivery: Delivery) =>
      new Promise<void>((_resolve, reject) => {
        delivery.signal.addEventListener('abort', () => reject(delivery.signal.reason as Error));
      });
    const first = await collect('train.cpu', jobId, untilAborted);
    await jobMessages(queue).enqueue(aMessage(jobId));
    await waitUntil('the message is being handled', () => first.got.length === 1);
    await first.consumer.close();
    expect(first.deliveries[0]!.signal.reason).toBeInstanceOf(ConsumerStopped);
    expect(first.deliveries[0]!.willRetry(first.deliveries[0]!.signal.reason)).toBe(true);
    const second = await collect('train.cpu', jobId, undefined, await open());
    await waitUntil('the next worker has it', () => second.got.length === 1);
    expect(second.deliveries[0]!.attemptsMade).toBe(0);
  });

  it('handles as many messages at once as it is told to', async () => {
    const jobIds: string[] = [1, 2, 3, 4].map(() => randomUUID());
    let active = 0;
    let most = 0;
    let done = 0;
    const release = new Set<() => void>();
    await queue.consume(
      'light',
      async (data) => {
        if (!('jobId' in data) || !jobIds.includes(data.jobId)) return;
        most = Math.max(most, ++active);
        await new Promise<void>((resolve) => release.add(resolve));
        active--;
        done++;
      },
      { concurrency: 2 },
    );
    for (const jobId of jobIds) await jobMessages(queue).enqueue(aMessage(jobId, 'publish'));
    await waitUntil('two at once', () => active === 2);
    await waitUntil('all are done', () => {
      for (const resolve of release) resolve();
      return done === 4;
    });
    expect(most).toBe(2);
  });

  it('carries the trace that a message belongs to', async () => {
    const jobId = randomUUID();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await jobMessages(queue).enqueue({ jobId, stage: 'publish', generation: 0, priority: 0, traceparent });
    const { got } = await collect('light', jobId);
    await waitUntil('the message is handled', () => got.length === 1);
    expect(got).toEqual([{ jobId, stage: 'publish', generation: 0, traceparent }]);
  });

  it('counts what waits, what is handled, what is tried again and what failed', async () => {
    const own = await ENGINES[kind]();
    const counted = await openQueue({ ...own, onError: () => {} });
    const light = async () => (await counted.counts()).find((counts) => counts.queue === 'light');
    const nothing = { waiting: 0, active: 0, delayed: 0, failed: 0 };
    try {
      const idle = [
        { queue: 'train.gpu', ...nothing },
        { queue: 'train.cpu', ...nothing },
        { queue: 'light', ...nothing },
      ];
      expect(await counted.counts()).toEqual(idle);
      const jobIds = Array.from({ length: 4 }, () => randomUUID() as string);
      for (const jobId of jobIds) {
        await jobMessages(counted).enqueue({ jobId, stage: 'publish', generation: 0, priority: 0 });
      }
      expect(await light()).toEqual({ queue: 'light', ...nothing, waiting: 4 });
      let finish = () => {};
      const finished = new Promise<void>((resolve) => (finish = resolve));
      await counted.consume('light', async (data) => {
        const jobId = 'jobId' in data ? data.jobId : undefined;
        if (jobId === jobIds[0]) throw new AppError('training_diverged', 'no retry');
        if (jobId === jobIds[1]) throw new Error('a retry');
        await finished;
      });
      const expected = { queue: 'light', waiting: 1, active: 1, delayed: 1, failed: 1 };
      await waitUntil('all kinds', async () => JSON.stringify(await light()) === JSON.stringify(expected));
      finish();
    } finally {
      await counted.close();
      await own.stop();
    }
  });

  it('delivers messages of a higher priority first, also where it was changed while they waited', async () => {
    const messages = jobMessages(queue);
    const [usual, low, high, raised] = [0, 1, 2, 3].map(() => randomUUID()) as [
      string,
      string,
      string,
      string,
    ];
    await messages.enqueue(aMessage(low, 'train', -100));
    await messages.enqueue(aMessage(usual));
    await messages.enqueue(aMessage(high, 'train', 10));
    await messages.enqueue(aMessage(raised, 'train', -50));
    await messages.enqueue(aMessage(raised, 'train', 100));
    const got: string[] = [];
    const mine = [usual, low, high, raised];
    await queue.consume('train.cpu', ({ jobId }) => {
      if (mine.includes(jobId)) got.push(jobId);
      return Promise.resolve();
    });
    await waitUntil('all are handled', () => got.length === 4);
    expect(got).toEqual([raised, high, usual, low]);
  });

  it('delivers the messages of a stage once per generation', async () => {
    const jobId = randomUUID();
    const messages = jobMessages(queue);
    await messages.enqueue({ ...aMessage(jobId), generation: 0 });
    await messages.enqueue({ ...aMessage(jobId), generation: 1 });
    await messages.enqueue({ ...aMessage(jobId), generation: 1 });
    const { got } = await collect('train.cpu', jobId);
    await waitUntil('both are handled', () => got.length === 2);
    await messages.enqueue({ ...aMessage(jobId), generation: 2 });
    await waitUntil('a later one is handled', () => got.length > 2);
    expect(got.map(({ generation }) => generation).sort()).toEqual([0, 1, 2]);
  });

  it('refuses what the catalogue does not know', async () => {
    const jobId = randomUUID();
    const enqueue = (name: string, data: unknown, id: string = jobId) =>
      queue.enqueue(name as 'light', data as QueueData<'light'>, { id });
    const refusal = (pattern: RegExp) => expect.objectContaining({ message: expect.stringMatching(pattern) });
    await expect(enqueue('train.tpu', { jobId })).rejects.toEqual(
      refusal(/no queue "train.tpu".*train.gpu or train.cpu or light/),
    );
    await expect(enqueue('light', { jobId, stage: 'train' })).rejects.toEqual(refusal(/"light".*stage/));
    await expect(enqueue('light', { jobId: 'x', stage: 'verify' })).rejects.toBeInstanceOf(QueueMessageError);
    await expect(enqueue('light', { jobId, stage: 'verify' }, 'a:b')).rejects.toEqual(refusal(/"a:b"/));
    await expect(queue.consume('nothing' as 'light', () => Promise.resolve())).rejects.toEqual(
      refusal(/no queue/),
    );
  });

  it('closes twice, and with consumers that wait', async () => {
    const other = await open();
    await other.consume('light', () => Promise.resolve());
    await other.close();
    await other.close();
    await expect(other.health()).rejects.toThrow();
  });
});

describe('the queue without its engine', () => {
  it('says in time that PostgreSQL does not answer', async () => {
    const opening = openQueue({ databaseUrl: 'postgres://nobody@127.0.0.1:1/none', onError: () => {} });
    await expect(opening).rejects.toThrow(/ECONNREFUSED/);
  });

  (available.length === 2 ? it : it.skip)(
    'fails soon while Redis is away, works again with it, and closes without it',
    async () => {
      const redis = await testRedis();
      const queue = await openQueue({ databaseUrl: '', redisUrl: redis.url, onError: () => {} });
      const jobId = randomUUID();
      const enqueue = () => jobMessages(queue).enqueue(aMessage(jobId));
      const handled: string[] = [];
      await queue.consume('train.cpu', (data) => {
        handled.push(data.jobId);
        return Promise.resolve();
      });
      await redis.kill();
      await expect(queue.health()).rejects.toThrow();
      await expect(enqueue()).rejects.toThrow(/train\.[cg]pu|retries/);
      await expect(queue.counts()).rejects.toThrow();
      await redis.revive();
      await waitUntil('the message is taken', () =>
        enqueue().then(
          () => true,
          () => false,
        ),
      );
      await waitUntil('the message is handled', () => handled.includes(jobId));
      await redis.stop();
      await queue.close();
    },
  );
});
