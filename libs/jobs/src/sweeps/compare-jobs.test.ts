import type { Job } from '#contracts';
import { aCandidate, aJob, anActor } from '#testkit';
import { compareJobs, seedStatistics } from './compare-jobs.js';

const actor = anActor();
const AT = '2030-01-01T00:00:00.000Z';

/** A job that ended with these accuracies at the ratios 0 and 0.5. */
function trained(accuracies: [number, number], changes: Partial<Job> = {}): Job {
  const { ratios } = aCandidate();
  const candidate = aCandidate({
    ratios: ratios.map((ratio, i) => ({ ...ratio, accuracy: accuracies[i]! })),
    trainingMacs: 1000,
    trainingSeconds: accuracies[0] * 10,
  });
  return aJob(actor, { state: 'succeeded', candidate, version: 1, ...changes });
}

test('mean and standard deviation are those of the sample', () => {
  expect(seedStatistics([2, 4, 4, 4, 5, 5, 7, 9])).toEqual({
    mean: 5,
    standardDeviation: expect.closeTo(Math.sqrt(32 / 7), 12),
    seeds: 8,
  });
  expect(seedStatistics([0.5])).toEqual({ mean: 0.5, seeds: 1 });
});

test('jobs that differ in their seeds alone make one group; what was not trained is in none', () => {
  const error = { code: 'training_diverged', fault: 'user', message: 'loss is NaN' } as const;
  const jobs = [
    trained([0.9, 0.8]),
    trained([0.94, 0.84]),
    trained([0.7, 0.6]),
    aJob(actor, { state: 'failed', error }),
  ];
  const members = jobs.map(({ id: jobId }, i) => ({
    jobId,
    values: { method: i < 2 ? ('all-in-one' as const) : ('uniform-slimmable' as const), seed: i % 2 },
  }));
  const { rows, groups, gatheredAt } = compareJobs(members, [...jobs].reverse(), AT);
  expect(gatheredAt).toBe(AT);
  expect(rows.map(({ jobId }) => jobId)).toEqual(jobs.map(({ id }) => id));
  expect(rows[0]).toMatchObject({
    ...{ values: members[0]!.values, state: 'succeeded', version: 1, trainingMacs: 1000 },
    ratios: [
      { ratio: 0, accuracy: 0.9, macs: 1000, parameters: 500, derived: false },
      { ratio: 0.5, accuracy: 0.8, macs: 500, parameters: 500, derived: false },
    ],
  });
  expect(rows[3]).toMatchObject({ state: 'failed', error, ratios: [], trainingMacs: undefined });
  expect(groups.map(({ jobIds }) => jobIds)).toEqual([[jobs[0]!.id, jobs[1]!.id], [jobs[2]!.id]]);
  expect(groups[0]).toMatchObject({
    values: { method: 'all-in-one' },
    ratios: [
      {
        ratio: 0,
        accuracy: {
          mean: expect.closeTo(0.92, 12),
          standardDeviation: expect.closeTo(Math.sqrt(0.0008), 12),
          seeds: 2,
        },
      },
      { ratio: 0.5, accuracy: { mean: expect.closeTo(0.82, 12) }, macs: { mean: 500, standardDeviation: 0 } },
    ],
    trainingSeconds: { mean: expect.closeTo(9.2, 12) },
  });
  expect(groups[1]!.ratios[0]!.accuracy).toEqual({ mean: 0.7, seeds: 1 });
});

test('the spread of a verified job is its largest latency over its smallest', () => {
  const point = (operatingPoint: string, measuredMs: number) => {
    return { operatingPoint, held: true, best: { ratio: 0, measuredMs } };
  };
  const points = [point('fast', 10), point('slow', 12.5), { operatingPoint: 'odd', held: false }];
  const job = trained([0.9, 0.8], { verification: { rounds: 1, measuringTaskIds: [], points } });
  const { rows, groups } = compareJobs([{ jobId: job.id, values: {} }], [job], AT);
  expect(rows[0]!.spread).toBe(1.25);
  expect(groups[0]!.spread).toEqual({ mean: 1.25, seeds: 1 });
});
