import { randomUUID } from 'node:crypto';
import { AppError } from '#contracts';
import type { JobMessage } from '#jobs';
import { hasRedisServer, testDatabase, testRedis, waitUntil } from '#testkit';
import { Redis } from 'ioredis';
import { jobMessages } from './job-messages.js';
import { sweepMessages } from './sweep-messages.js';
import { openQueue, type OpenQueue, type WorkQueue } from './work-queue.js';

interface Engine extends Omit<OpenQueue, 'onError'> {
  /** Forgets every message, as a Redis without its files would. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

const ENGINES: Record<WorkQueue['kind'], () => Promise<Engine>> = {
  postgres: async () => {
    const database = await testDatabase();
    const flush = () => Promise.reject(new Error('not of PostgreSQL'));
    return { databaseUrl: database.url, flush, stop: () => database.drop() };
  },
  redis: async () => {
    const redis = await testRedis();
    const client = new Redis(redis.url);
    const flush = async () => void (await client.flushall());
    const stop = async () => {
      client.disconnect();
      await redis.stop();
    };
    return { databaseUrl: 'postgres://nobody@127.0.0.1:1/unused', redisUrl: redis.url, flush, stop };
  },
};
const available = hasRedisServer() ? (['postgres', 'redis'] as const) : (['postgres'] as const);

describe.each(available)('a flow on %s', (kind) => {
  let engine: Engine;
  let queue: WorkQueue;
  beforeEach(async () => {
    engine = await ENGINES[kind]();
    queue = await openQueue({ ...engine, onError: () => {} });
  });
  afterEach(async () => {
    await queue.close();
    await engine.stop();
  });

  const aTraining = (): JobMessage => ({ jobId: randomUUID(), stage: 'train', generation: 0, priority: 0 });

  /** Handles everything; says in which order. Trainings wait until they are let go. */
  const handleAll = async ({ failing }: { failing?: string } = {}) => {
    const handled: string[] = [];
    const begun: string[] = [];
    const letGo = new Map<string, () => void>();
    await queue.consume(
      'train.cpu',
      async ({ jobId }, { signal }) => {
        signal.throwIfAborted();
        begun.push(jobId);
        await new Promise<void>((resolve, reject) => {
          letGo.set(jobId, resolve);
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        });
        handled.push(jobId);
        if (jobId === failing) throw new AppError('training_diverged', 'loss is NaN');
      },
      { concurrency: 10 },
    );
    await queue.consume('light', (data) => {
      handled.push('sweepId' in data ? data.sweepId : data.jobId);
      return Promise.resolve();
    });
    const finish = async (jobId: string) => {
      await waitUntil('the training has begun', () => letGo.has(jobId));
      letGo.get(jobId)!();
    };
    return { handled, begun, finish };
  };

  test('has the sweep looked at once all of its jobs’ messages have ended, also where one failed', async () => {
    const sweepId = randomUUID();
    const jobs = [aTraining(), aTraining(), aTraining()];
    await sweepMessages(queue).fanOut(sweepId, jobs);
    const { handled, finish } = await handleAll({ failing: jobs[1]!.jobId });
    for (const { jobId } of jobs) {
      expect(handled).not.toContain(sweepId);
      await finish(jobId);
      await waitUntil('it has ended', () => handled.includes(jobId));
    }
    await waitUntil('the sweep is looked at', () => handled.includes(sweepId));
    expect([...handled].sort()).toEqual([...jobs.map(({ jobId }) => jobId), sweepId].sort());
  });

  test('sent again, by several, while it is under way changes nothing', async () => {
    const sweepId = randomUUID();
    const jobs = [aTraining(), aTraining()];
    const sweeps = sweepMessages(queue);
    await Promise.all([1, 2, 3].map(() => sweeps.fanOut(sweepId, jobs)));
    const { handled, begun, finish } = await handleAll();
    await finish(jobs[0]!.jobId);
    await waitUntil('one has ended', () => handled.length === 1);
    await sweeps.fanOut(sweepId, [jobs[1]!]);
    await finish(jobs[1]!.jobId);
    await waitUntil('the sweep is looked at', () => handled.includes(sweepId));
    expect(begun).toHaveLength(2);
    expect(handled).toHaveLength(3);
  });

  test('takes in messages that went out by themselves before, and waits for them', async () => {
    const sweepId = randomUUID();
    const jobs = [aTraining(), aTraining()];
    await jobMessages(queue).enqueue(jobs[0]!);
    await sweepMessages(queue).fanOut(sweepId, jobs);
    const { handled, begun, finish } = await handleAll();
    await finish(jobs[1]!.jobId);
    await waitUntil('one has ended', () => handled.length === 1);
    await finish(jobs[0]!.jobId);
    await waitUntil('the sweep is looked at', () => handled.includes(sweepId));
    expect(handled).toEqual([jobs[1]!.jobId, jobs[0]!.jobId, sweepId]);
    expect(begun).toHaveLength(2);
  });

  test('of a sweep that goes on after its end waits for what is new', async () => {
    const sweepId = randomUUID();
    const [first, second] = [aTraining(), aTraining()];
    const sweeps = sweepMessages(queue);
    await sweeps.fanOut(sweepId, [first]);
    const { handled, finish } = await handleAll();
    await finish(first.jobId);
    await waitUntil('the sweep is looked at', () => handled.includes(sweepId));
    await waitUntil('the last message has ended', async () => {
      const [counts] = (await queue.counts()).filter(({ queue: name }) => name === 'light');
      return counts!.active === 0;
    });
    await sweeps.fanOut(sweepId, [second]);
    await finish(second.jobId);
    await waitUntil('and again', () => handled.filter((id) => id === sweepId).length === 2);
    expect(handled).toEqual([first.jobId, sweepId, second.jobId, sweepId]);
  });

  test('a look at a sweep waits for nothing', async () => {
    const sweepId = randomUUID();
    const sweeps = sweepMessages(queue);
    await sweeps.fanOut(sweepId, [aTraining()]);
    const { handled } = await handleAll();
    await sweeps.look(sweepId, '3');
    await waitUntil('the sweep is looked at', () => handled.includes(sweepId));
  });

  (kind === 'redis' ? test : test.skip)('is put back whole after the queue has lost it', async () => {
    const sweepId = randomUUID();
    const jobs = [aTraining(), aTraining()];
    const sweeps = sweepMessages(queue);
    await sweeps.fanOut(sweepId, jobs);
    await engine.flush();
    await sweeps.fanOut(sweepId, jobs);
    const { handled, finish } = await handleAll();
    for (const { jobId } of jobs) await finish(jobId);
    await waitUntil('the sweep is looked at', () => handled.includes(sweepId));
    expect(handled.at(-1)).toBe(sweepId);
  });
});
