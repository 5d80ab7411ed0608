import type { Job } from '#contracts';
import { aCandidate, aJob, aJobWorld, waitUntil } from '#testkit';
import { Reconciler, type ReconcilerParts } from './reconciler.js';
import { submission } from './lifecycle/transition.js';

const TASK = '11111111-1111-4111-8111-111111111111';
const verifying = {
  state: 'running',
  stage: 'verify',
  attempt: 1,
  deviceId: '22222222-2222-4222-8222-222222222222',
  candidate: aCandidate(),
} satisfies Partial<Job>;

function reconcilingWorld(changes: Partial<ReconcilerParts> = {}) {
  const world = aJobWorld();
  const errors: unknown[] = [];
  const { store: jobs, service, queue, now } = world;
  const onError = (error: unknown) => errors.push(error);
  const reconciler = new Reconciler({ jobs, service, queue, now, onError, ...changes });
  /** A job that was last touched so many seconds ago. */
  const stored = async (secondsAgo: number, job: Partial<Job> = {}) => {
    const updatedAt = new Date(now().getTime() - secondsAgo * 1000).toISOString();
    const created = aJob(world.actor, { ...job, updatedAt });
    await jobs.create(submission(created));
    return created;
  };
  return { ...world, reconciler, stored, errors };
}

describe('the reconciler', () => {
  it('puts back the messages of jobs that nobody touched for a while', async () => {
    const { reconciler, stored, queue } = reconcilingWorld();
    const waiting = await stored(60);
    const publishing = await stored(60, { state: 'running', stage: 'publish', attempt: 2 });
    await stored(10);
    await stored(60, { state: 'succeeded' });
    await reconciler.reconcile();
    expect(queue.messages).toHaveLength(2);
    expect(queue.messages).toContainEqual({ jobId: waiting.id, stage: 'train', generation: 0, priority: 0 });
    expect(queue.messages).toContainEqual({
      jobId: publishing.id,
      stage: 'publish',
      generation: 0,
      priority: 0,
    });
  });

  it('has a verification requested that a crash left out', async () => {
    const { reconciler, stored, queue } = reconcilingWorld();
    const job = await stored(60, verifying);
    await reconciler.reconcile();
    expect(queue.messages).toEqual([{ jobId: job.id, stage: 'verify', generation: 0, priority: 0 }]);
  });

  it('applies the end of a measurement that nobody told the job', async () => {
    const { reconciler, stored, devices, store } = reconcilingWorld();
    const job = await stored(60, { ...verifying, measuringTaskId: TASK });
    await reconciler.reconcile();
    expect(await store.load(job.id)).toMatchObject({ stage: 'verify' });
    devices.result = { state: 'verified', points: [] };
    await reconciler.reconcile();
    expect(await store.load(job.id)).toMatchObject({ stage: 'publish' });
    expect((await store.pending(9)).map((row) => row.message.stage)).toContain('publish');
  });

  it('applies the failure of a measurement that nobody told the job', async () => {
    const { reconciler, stored, devices, store } = reconcilingWorld();
    const job = await stored(60, { ...verifying, measuringTaskId: TASK });
    const error = { code: 'measuring_failed', fault: 'device' as const, message: 'too hot' };
    devices.result = { state: 'failed', error };
    await reconciler.reconcile();
    expect(await store.load(job.id)).toMatchObject({ state: 'failed', error });
  });

  it.each([
    ['train', 'training_crashed'],
    ['publish', 'internal'],
  ] as const)('gives up a job that was begun too often, in stage %s', async (stage, code) => {
    const { reconciler, stored, queue, store } = reconcilingWorld({ maxAttempts: 5 });
    const job = await stored(60, { state: 'running', stage, attempt: 5 });
    await reconciler.reconcile();
    expect(queue.messages).toEqual([]);
    const told = new RegExp(`stage ${stage}, .* begun 5 times \\(all stages counted\\)`);
    const error = { code, message: expect.stringMatching(told), advice: expect.stringContaining('Retry') };
    expect(await store.load(job.id)).toMatchObject({ state: 'failed', error });
  });

  it('ends a cancelled job whose worker died, and leaves one that has just been cancelled to its worker', async () => {
    const { reconciler, stored, queue, store, reports } = reconcilingWorld();
    const dead = await stored(60, { state: 'cancelling', attempt: 1 });
    const fresh = await stored(10, { state: 'cancelling', attempt: 1 });
    await reconciler.reconcile();
    expect(await store.load(dead.id)).toMatchObject({ state: 'cancelled', attempt: 1 });
    expect(await store.load(fresh.id)).toMatchObject({ state: 'cancelling' });
    expect(queue.messages).toEqual([]);
    await expect(reports.trained(dead.id, 1, aCandidate())).rejects.toMatchObject({
      code: 'attempt_superseded',
    });
  });

  it('leaves paused jobs alone, and has one that is to pause taken up by a worker, which finds it stopped', async () => {
    const { reconciler, stored, queue, store, reports } = reconcilingWorld();
    await stored(60, { state: 'paused', attempt: 1 });
    const pausing = await stored(60, { state: 'pausing', attempt: 1 });
    await reconciler.reconcile();
    expect(queue.messages).toEqual([{ jobId: pausing.id, stage: 'train', generation: 0, priority: 0 }]);
    expect(await reports.begin({ jobId: pausing.id, stage: 'train', generation: 0 })).toBeUndefined();
    expect(await store.load(pausing.id)).toMatchObject({ state: 'paused', attempt: 1 });
  });

  it('reports the error of one job and goes on with the others', async () => {
    const { reconciler, stored, queue, errors } = reconcilingWorld();
    const jobs = [await stored(60), await stored(60), await stored(60)];
    queue.refuses = (message) => message.jobId === jobs[1]!.id;
    await reconciler.reconcile();
    expect(queue.messages).toHaveLength(2);
    expect(errors).toHaveLength(1);
  });

  it('goes through more jobs than it reads at a time', async () => {
    const { reconciler, stored, queue } = reconcilingWorld();
    for (let i = 0; i < 250; i++) await stored(60);
    await reconciler.reconcile();
    expect(new Set(queue.messages.map((message) => message.jobId)).size).toBe(250);
  });

  it('runs at once when it starts and again after each interval, until it stops', async () => {
    const { reconciler, stored, queue } = reconcilingWorld({ intervalMs: 5 });
    await stored(60);
    reconciler.start();
    await waitUntil('three passes', () => queue.messages.length >= 3);
    await reconciler.stop();
    const passes = queue.messages.length;
    await reconciler.reconcile();
    expect(queue.messages).toHaveLength(passes + 1);
  });
});
