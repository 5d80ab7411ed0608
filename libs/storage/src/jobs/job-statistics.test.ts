import { AppError, type Job } from '#contracts';
import { submission, transition, type JobInput } from '#jobs';
import { aCandidate, aDataset, aJob, aJobRequest, testStorage, type TestStorage } from '#testkit';

let kept: TestStorage;
beforeEach(async () => {
  kept = await testStorage();
});
afterEach(() => kept.close());

const START = Date.UTC(2030, 0, 1);
const after = (seconds: number) => new Date(START + seconds * 1000);

/** A job that was submitted at the start, with all that happened to it, by the seconds since then. */
async function jobWith(...inputs: [seconds: number, input: JobInput][]): Promise<Job> {
  const { storage, actor } = kept;
  const dataset = aDataset(actor);
  await storage.datasets.create(dataset);
  const createdAt = after(0).toISOString();
  const spec = aJobRequest({ datasetId: dataset.id });
  const job = aJob(actor, { createdAt, updatedAt: createdAt, spec });
  await storage.jobs.create(submission(job));
  for (const [seconds, input] of inputs)
    await storage.jobs.update(job.id, (held) => transition(held, input, after(seconds)));
  return job;
}

const ERROR = { code: 'internal', fault: 'infrastructure', message: 'broken' } as const;
const begun = (stage: 'train' | 'publish'): JobInput => ({ type: 'begun', stage, generation: 0 });
const trained = (attempt: number): JobInput => ({ type: 'trained', attempt, candidate: aCandidate() });
const failed = (attempt: number, willRetry: boolean): JobInput => ({
  ...{ type: 'failed', attempt, willRetry },
  error: ERROR,
});
const SUCCEEDS: [number, JobInput][] = [
  [10, begun('train')],
  [60, trained(1)],
  [61, begun('publish')],
  [63, { type: 'published', attempt: 2, version: 1 }],
];

test('counts jobs by state and stage', async () => {
  await jobWith();
  await jobWith();
  await jobWith([1, begun('train')]);
  await jobWith(...SUCCEEDS);
  const counts = await kept.storage.statistics.jobCounts();
  expect(counts).toHaveLength(3);
  expect(counts).toEqual(
    expect.arrayContaining([
      { state: 'queued', stage: 'train', count: 2 },
      { state: 'running', stage: 'train', count: 1 },
      { state: 'succeeded', stage: 'publish', count: 1 },
    ]),
  );
});

test('durations of jobs are counted by final state; one that equals a bound is within it', async () => {
  const { statistics } = kept.storage;
  expect(await statistics.jobDurations([1, 60])).toEqual([]);
  await jobWith(...SUCCEEDS);
  await jobWith([10, begun('train')], [60, failed(1, false)]);
  await jobWith([10, begun('train')], [60.001, failed(1, false)]);
  await jobWith([10, begun('train')], [60, failed(1, true)]);
  const durations = await statistics.jobDurations([1, 60, 100]);
  expect(durations).toHaveLength(2);
  expect(durations).toContainEqual({ kind: 'succeeded', counts: [0, 0, 1, 0], sumSeconds: 63 });
  expect(durations).toContainEqual({ kind: 'failed', counts: [0, 1, 1, 0], sumSeconds: 120.001 });
});

test('durations of stages begin where the one before ended, and are counted once', async () => {
  await jobWith(...SUCCEEDS, [70, { type: 'published', attempt: 2, version: 1 }]);
  await jobWith([10, begun('train')], [20, failed(1, true)], [30, begun('train')], [40, failed(2, false)]);
  const durations = await kept.storage.statistics.stageDurations([5, 50]);
  expect(durations).toHaveLength(3);
  expect(durations).toContainEqual({
    ...{ kind: { stage: 'train', outcome: 'succeeded' }, counts: [0, 0, 1], sumSeconds: 60 },
  });
  expect(durations).toContainEqual({
    ...{ kind: { stage: 'publish', outcome: 'succeeded' }, counts: [1, 0, 0], sumSeconds: 3 },
  });
  expect(durations).toContainEqual({
    ...{ kind: { stage: 'train', outcome: 'failed' }, counts: [0, 1, 0], sumSeconds: 40 },
  });
});

test('a job that goes on after its end is counted for both ends, and never less than before', async () => {
  const job = await jobWith([10, begun('train')], [20, failed(1, false)]);
  const again = (held: Job, seconds: number): Job => ({
    ...{ ...held, state: 'queued', error: undefined, finishedAt: undefined },
    updatedAt: after(seconds).toISOString(),
  });
  const { jobs, statistics } = kept.storage;
  await jobs.update(job.id, (held) => ({ job: again(held, 1000), events: [], messages: [] }));
  await jobs.update(job.id, (held) =>
    transition(held, { type: 'exhausted', maxAttempts: 0, untouchedSince: after(1004) }, after(1005)),
  );
  expect(await statistics.jobDurations([100])).toEqual([
    { kind: 'failed', counts: [1, 1], sumSeconds: 1025 },
  ]);
  const stage = { stage: 'train', outcome: 'failed' };
  expect(await statistics.stageDurations([100])).toEqual([{ kind: stage, counts: [2, 0], sumSeconds: 25 }]);
});

test('a change that is refused leaves no trace', async () => {
  const job = await jobWith([10, begun('train')]);
  const late = kept.storage.jobs.update(job.id, (held) => transition(held, trained(7), after(20)));
  await expect(late).rejects.toBeInstanceOf(AppError);
  expect(await kept.storage.statistics.stageDurations([5])).toEqual([]);
});

test('the outbox is counted until it is sent', async () => {
  const { statistics, outbox } = kept.storage;
  expect(await statistics.outbox()).toEqual({ pending: 0, oldestAt: undefined });
  const before = Date.now();
  await jobWith();
  await jobWith();
  const { pending, oldestAt } = await statistics.outbox();
  expect(pending).toBe(2);
  expect(oldestAt!.getTime()).toBeGreaterThanOrEqual(before - 1000);
  await outbox.markSent((await outbox.pending(10)).map(({ id }) => id));
  expect(await statistics.outbox()).toEqual({ pending: 0, oldestAt: undefined });
});
