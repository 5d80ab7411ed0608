import type { Comparison, Job } from '#contracts';
import { aCandidate } from '#testkit';
import { startJobsApi, type JobsApi } from '../testing/bits-dataset.js';
import { expectProblem } from '../testing/test-api.js';

let api: JobsApi;
beforeAll(async () => void (api = await startJobsApi()));
afterAll(() => api.close());

/** The message of a stage of a job that nobody has resumed or retried. */
const first = (jobId: string, stage: 'train') => ({ jobId, stage, generation: 0 });

const submit = (changes: object) => api.post<Job>('/v1/jobs', api.jobRequest(changes));

const entry = { macs: 1000, parameters: 100, derived: false };
const COMPARISON: Comparison = {
  methods: [
    {
      ...{ method: 'all-in-one', trainingMacs: 2e9, trainingSeconds: 12.4 },
      ratios: [
        { ...entry, ratio: 0, accuracy: 0.9 },
        { ...entry, ratio: 0.25, accuracy: 0.88, derived: true },
        { ...entry, ratio: 0.5, accuracy: 0.85 },
      ],
    },
    {
      ...{ method: 'independent', trainingMacs: 3e9, trainingSeconds: 20, failure: 'ratio 0.7: it diverged' },
      ratios: [
        { ...entry, ratio: 0, accuracy: 0.91 },
        { ...entry, ratio: 0.5, accuracy: 0.8475 },
      ],
    },
  ],
};

test('a job that asked for it tells what all methods achieved, as JSON and as a page', async () => {
  const { body: job } = await submit({ comparison: { methods: ['independent'] }, untrainedRatios: [0.25] });
  const early = await api.get(`/v1/jobs/${job.id}/comparison`);
  expect(expectProblem(early, 404, 'not_found').detail).toMatch(/no comparison yet: .* is queued/);

  const { attempt } = (await api.service.workerReports.begin(first(job.id, 'train')))!;
  await api.service.workerReports.trained(job.id, attempt, {
    ...aCandidate(),
    seed: 7,
    comparison: COMPARISON,
  });
  expect((await api.get(`/v1/jobs/${job.id}/comparison`)).body).toEqual(COMPARISON);

  const page = await api.fetch(`${api.url}/v1/jobs/${job.id}/comparison.md`);
  expect(page.headers.get('content-type')).toContain('text/markdown');
  const text = await page.text();
  expect(text).toContain('| ratio | all-in-one | independent |');
  expect(text).toContain('| 0 | 90.00 | 91.00 (+1.00) |');
  expect(text).toContain('| 0.25 * | 88.00 |  |');
  expect(text).toContain('| 0.5 | 85.00 | 84.75 (-0.25) |');
  expect(text).toContain('| 0.25 * | 1,000 / 100 |  |');
  expect(text).toContain('| independent | 3.000e+9 | 1.50x | 20 s |');
  expect(text).toContain(
    'What ended early, and is missing above:\n\n- independent, ratio 0.7: it diverged\n',
  );
  expect(text).toContain('One seed shows no significance');
});

test('a job that failed before says so, and promises none', async () => {
  const { body: job } = await submit({ comparison: { methods: ['independent'] } });
  const { attempt } = (await api.service.workerReports.begin(first(job.id, 'train')))!;
  await api.service.workerReports.failed(
    job.id,
    attempt,
    { code: 'internal', fault: 'infrastructure', message: 'broken' },
    false,
  );
  for (const end of ['comparison', 'comparison.md']) {
    const { detail } = expectProblem(await api.get(`/v1/jobs/${job.id}/${end}`), 404, 'not_found');
    expect(detail).toBe(`job "${job.id}" failed before its comparison was complete`);
  }
});

test('a job that asked for none says how to ask', async () => {
  const { body: job } = await submit({});
  for (const end of ['comparison', 'comparison.md']) {
    const { detail } = expectProblem(await api.get(`/v1/jobs/${job.id}/${end}`), 404, 'not_found');
    expect(detail).toContain('submit one with comparison.methods');
  }
});

test.each<[string, object, string, string]>([
  [
    'its own method',
    { comparison: { methods: ['all-in-one'] } },
    'comparison.methods',
    "other methods than the job's own, all-in-one",
  ],
  [
    'a method twice',
    { comparison: { methods: ['dense', 'dense'] } },
    'comparison.methods',
    'no method twice',
  ],
  [
    'a comparison of a warm start',
    { comparison: { methods: ['dense'] }, warmStart: { model: 'digits', version: 1 } },
    'comparison',
    'none beside warmStart, which not all methods could begin with',
  ],
  [
    'an untrained ratio that is trained',
    { untrainedRatios: [0.5] },
    'untrainedRatios',
    'ascending ratios without duplicates between 0 and 0.5, none of the trained ones',
  ],
])('refuses %s', async (_, changes, field, expected) => {
  const problem = expectProblem(await submit(changes), 400, 'invalid_request');
  expect(problem.errors).toMatchObject([{ field, expected }]);
});
