import { randomUUID } from 'node:crypto';
import type { Job, JobLogLine, JobMetrics, Page } from '#contracts';
import { aCandidate, readEvents } from '#testkit';
import { startJobsApi, type JobsApi } from '../testing/bits-dataset.js';
import { expectProblem } from '../testing/test-api.js';

let api: JobsApi;
let job: Job;
const evaluation = { epoch: 1, images: 100, ratios: [{ ratio: 0, accuracy: 0.5 }] };
/** Of two attempts, the second of which did two steps again. */
beforeAll(async () => {
  api = await startJobsApi();
  job = (await api.post<Job>('/v1/jobs', api.jobRequest())).body;
  const { workerReports: reports } = api.service;
  const begin = async (stage: 'train' | 'publish' = 'train') =>
    (await reports.begin({ jobId: job.id, stage, generation: 0 }))!.attempt;
  const first = await begin();
  await reports.log(job.id, { attempt: first, record: 1 }, { level: 'info', message: 'one' });
  await reports.metrics(job.id, first, {
    series: 'all-in-one/joint',
    firstStep: 1,
    losses: [4, 3, 2],
    imagesPerSecond: 50.5,
  });
  const second = await begin();
  await reports.log(job.id, { attempt: second, record: 1 }, { level: 'warn', message: 'two' });
  await reports.metrics(job.id, second, {
    series: 'all-in-one/joint',
    firstStep: 2,
    losses: [3, 2, 1],
    imagesPerSecond: 40,
    evaluation,
  });
  await reports.metrics(job.id, second, { series: 'dense/joint', firstStep: 1, losses: [9] });
  await reports.log(job.id, { attempt: second, record: 2 }, { level: 'info', message: 'three' });
  await reports.trained(job.id, second, aCandidate());
  const publishing = await begin('publish');
  const error = { code: 'internal', fault: 'infrastructure' as const, message: 'out of luck' };
  await reports.failed(job.id, publishing, error, false);
});
afterAll(() => api.close());

const page = async <T>(what: string): Promise<Page<T>> => (await api.get(`/v1/jobs/${job.id}/${what}`)).body;

test('tells what workers said, line by line and page by page', async () => {
  const { items } = await page<JobLogLine>('logs');
  expect(items.map(({ level, message, attempt }) => [level, message, attempt])).toEqual([
    ['info', 'one', 1],
    ['warn', 'two', 2],
    ['info', 'three', 2],
  ]);
  expect(Object.keys(items[0]!).sort()).toEqual(['at', 'attempt', 'level', 'message', 'sequence']);
  const first = await page<JobLogLine>('logs?limit=2');
  expect(first.items).toEqual(items.slice(0, 2));
  const rest = await page<JobLogLine>(`logs?limit=2&cursor=${first.nextCursor}`);
  expect(rest).toEqual({ items: items.slice(2) });
  expect((await page('logs?limit=3')).nextCursor).toBeUndefined();
});

test('tells the loss of every step once, with speed and accuracies, in order, also of those that were done again', async () => {
  const { items } = await page<JobMetrics>('metrics');
  const told = items.map((item) => {
    const { series, firstStep, losses, imagesPerSecond, evaluation: measured, attempt } = item;
    return [series, firstStep, losses, imagesPerSecond, measured, attempt];
  });
  expect(told).toEqual([
    ['all-in-one/joint', 1, [4, 3, 2], 50.5, undefined, 1],
    ['all-in-one/joint', 4, [1], 40, evaluation, 2],
    ['dense/joint', 1, [9], undefined, undefined, 2],
  ]);
  const first = await page<JobMetrics>('metrics?limit=1');
  expect(first.items).toEqual(items.slice(0, 1));
  expect((await page<JobMetrics>(`metrics?cursor=${first.nextCursor}`)).items).toEqual(items.slice(1));
});

test('streams the same metrics as events, numbered as the pages say', async () => {
  const seen = await readEvents(api.fetch, `/v1/jobs/${job.id}/events`);
  const metrics = seen.filter(({ type }) => type === 'metrics');
  const { items } = await page<JobMetrics>('metrics');
  expect(metrics.map(({ id, data: { type: _, ...data } }) => ({ sequence: id, ...data }))).toEqual(items);
});

test('refuses bad pages, and jobs that are not there', async () => {
  for (const what of ['logs', 'metrics']) {
    for (const query of ['limit=0', 'limit=1001', 'cursor=x', 'colour=red'])
      expectProblem(await api.get(`/v1/jobs/${job.id}/${what}?${query}`), 400, 'invalid_request');
    expectProblem(await api.get(`/v1/jobs/${randomUUID()}/${what}`), 404, 'not_found');
  }
});
