import type { Job } from '#contracts';
import { submission, transition, type JobInput } from '#jobs';
import { RunLogger } from '#mlflow';
import { aCandidate, aDataset, aJob, aJobRequest, testStorage, type TestStorage } from '#testkit';
import { HttpTrackingServer } from './http-tracking-server.js';
import { FakeMlflow } from './mlflow-server.fixture.js';

let kept: TestStorage;
let mlflow: FakeMlflow;
let clock: { nowMs: number };
let said: string[];

beforeEach(async () => {
  kept = await testStorage({ loggedJobs: {} });
  mlflow = await FakeMlflow.open();
  clock = { nowMs: 0 };
  said = [];
});
afterEach(async () => {
  mlflow.close();
  await kept.close();
});

/** What a process has. */
function aLogger(experimentName?: string): RunLogger {
  const server = { url: mlflow.url, authorization: 'Bearer secret', experimentName, teamId: undefined };
  return new RunLogger({
    ...{ runs: kept.storage.mlflowRuns, experimentName, nowMs: () => clock.nowMs },
    server: new HttpTrackingServer(server, new AbortController().signal),
    onAway: ({ message }) => said.push(`away ${message}`),
    onBack: () => said.push('back'),
    onRefused: (jobId, { message }) => said.push(`refused ${jobId} ${message}`),
  });
}

/** A job that was submitted, with all that happened to it. */
async function jobWith(...inputs: JobInput[]): Promise<Job> {
  const { storage, actor } = kept;
  const dataset = aDataset(actor);
  await storage.datasets.create(dataset);
  const spec = aJobRequest({ datasetId: dataset.id, labels: { project: 'north' } });
  const job = aJob(actor, { spec });
  await storage.jobs.create(submission(job));
  await happens(job, ...inputs);
  return job;
}

async function happens({ id }: Job, ...inputs: JobInput[]): Promise<void> {
  for (const input of inputs)
    await kept.storage.jobs.update(id, (held) => transition(held, input, new Date()));
}

const BEGUN: JobInput = { type: 'begun', stage: 'train', generation: 0 };
const losses = (firstStep: number, count: number, attempt = 1): JobInput => ({
  ...{ type: 'metrics-taken', attempt },
  batch: {
    ...{ series: 'all-in-one/joint', firstStep },
    losses: Array.from({ length: count }, (_, index) => 1 / (firstStep + index)),
  },
});
const TRAINED: JobInput = { type: 'trained', attempt: 1, candidate: aCandidate() };
const PUBLISHED: JobInput[] = [
  { type: 'begun', stage: 'publish', generation: 0 },
  { type: 'published', attempt: 2, version: 3 },
];
const error = { code: 'internal', fault: 'infrastructure', message: 'broken' } as const;

const stepsOf = (key: string) =>
  mlflow.run.metrics.filter((metric) => metric.key === key).map(({ step }) => step);
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
const rows = () => kept.query('SELECT state, "runId", "leaseToken" FROM "MlflowRun"');

test('a job is one run with params, metrics, tags and the version that it has become', async () => {
  const job = await jobWith(BEGUN, losses(1, 3), TRAINED, ...PUBLISHED);
  await aLogger().log();
  const { run } = mlflow;
  expect([...mlflow.experiments]).toEqual([['digits', '1']]);
  expect(run).toMatchObject({ experimentId: '1', name: `digits-${job.id.slice(0, 8)}`, status: 'FINISHED' });
  expect(run.endTime).toBeGreaterThan(Date.now() - 60_000);
  expect(run.params.get('network.family')).toBe('resnet');
  expect(Object.fromEntries(run.tags)).toMatchObject({
    ...{ 'isochron.jobId': job.id, 'isochron.model': 'digits', 'isochron.version': '3' },
    ...{ 'isochron.team': 'team of ada', 'mlflow.user': 'ada', 'mlflow.source.name': 'isochron' },
    ...{ 'isochron.label.project': 'north', 'isochron.bundleDigest': 'b'.repeat(64) },
  });
  expect(stepsOf('loss/all-in-one/joint')).toEqual([1, 2, 3]);
  expect(run.metrics.filter(({ key }) => key === 'accuracy/ratio-0.5')).toMatchObject([{ value: 0.95 }]);
  expect([...mlflow.authorizations]).toEqual(['Bearer secret']);
  expect(await rows()).toEqual([{ state: 'complete', runId: 'run-1', leaseToken: null }]);
});

test('a job that has not begun has no run yet, and one that was cancelled before never has', async () => {
  const job = await jobWith();
  const logger = aLogger();
  await logger.log();
  await happens(job, { type: 'cancel' });
  await logger.log();
  expect([mlflow.runs.size, await rows()]).toEqual([
    0,
    [{ state: 'complete', runId: null, leaseToken: null }],
  ]);
});

test('what comes later goes on in the same run, in other processes too', async () => {
  const job = await jobWith(BEGUN, losses(1, 4));
  await aLogger().log();
  await happens(job, { type: 'failed', attempt: 1, error, willRetry: true });
  await aLogger().log();
  expect(mlflow.run.status).toBe('SCHEDULED');
  await happens(job, BEGUN, losses(3, 5, 2));
  await aLogger().log();
  expect(mlflow.run).toMatchObject({ status: 'RUNNING', endTime: undefined });
  expect(stepsOf('loss/all-in-one/joint')).toEqual(upTo(7));
});

test('a run goes on when its job does so after its end', async () => {
  const job = await jobWith(BEGUN, { type: 'failed', attempt: 1, error, willRetry: false });
  const logger = aLogger();
  await logger.log();
  expect([mlflow.run.status, mlflow.run.tags.get('isochron.error')]).toEqual(['FAILED', 'internal: broken']);
  await happens(job, { type: 'retry' });
  await happens(job, { type: 'begun', stage: 'train', generation: 1 });
  await logger.log();
  expect(mlflow.run).toMatchObject({ status: 'RUNNING', endTime: undefined });
  expect(mlflow.run.tags.get('isochron.error')).toBe('');
});

test('more than a batch holds is logged in several', async () => {
  await jobWith(BEGUN, losses(1, 4000), losses(4001, 700));
  await aLogger().log();
  expect(stepsOf('loss/all-in-one/joint')).toEqual(upTo(4700));
});

test('several processes log every job once', async () => {
  const jobs = await Promise.all(Array.from({ length: 20 }, () => jobWith(BEGUN, losses(1, 50))));
  await Promise.all([aLogger().log(), aLogger().log(), aLogger().log()]);
  expect(mlflow.runs.size).toBe(jobs.length);
  for (const { metrics } of mlflow.runs.values()) expect(metrics).toHaveLength(50);
});

test.each(['before', 'after'] as const)(
  'connections that break %s a request was carried out neither lose nor double anything',
  async (when) => {
    const job = await jobWith(BEGUN, losses(1, 30));
    const paths = ['experiments/create', 'runs/create', 'runs/log-batch', 'runs/update', 'runs/search'];
    const broken = new Set<string>();
    mlflow.breaks = (path) => {
      if (!paths.includes(path) || broken.has(path)) return undefined;
      broken.add(path);
      return when;
    };
    const logAgain = async () => {
      clock.nowMs += 60_000;
      await aLogger().log();
    };
    for (let tries = 0; tries <= paths.length; tries++) await logAgain();
    // Params came first; now the batch with metrics and the tag breaks.
    broken.delete('runs/log-batch');
    await happens(job, losses(31, 30));
    await logAgain();
    await logAgain();
    await happens(job, TRAINED);
    await logAgain();
    expect(broken.size).toBe(paths.length);
    expect(stepsOf('loss/all-in-one/joint')).toEqual(upTo(60));
    expect(mlflow.run.metrics.filter(({ key }) => key.startsWith('accuracy/'))).toHaveLength(2);
  },
);

/** Carries out `work` once, while the first request for `path` is under way. */
function during(path: string, work: () => Promise<unknown>): void {
  let isNew = true;
  mlflow.breaks = async (asked) => {
    if (asked !== path || !isNew) return undefined;
    isNew = false;
    await work();
    return undefined;
  };
}
const runsOf = ({ id }: Job) =>
  [...mlflow.runs].filter(([, { tags }]) => tags.get('isochron.jobId') === id).map(([runId]) => runId);
const shorten = (seconds: number) =>
  kept.query(`UPDATE "MlflowRun" SET "leaseExpiresAt" = "leaseExpiresAt" - interval '${seconds} s'`);

test('a process that was asleep while it made a run leaves the job to the run of another', async () => {
  const job = await jobWith(BEGUN, losses(1, 3));
  during('runs/create', async () => {
    await shorten(60);
    await aLogger().log();
  });
  await aLogger().log();
  expect(runsOf(job)).toEqual(['run-1']);
  expect(mlflow.runs.get('run-1')).toMatchObject({ status: 'RUNNING', endTime: undefined });
  expect(mlflow.runs.get('run-1')!.metrics).toHaveLength(3);
  const orphan = mlflow.runs.get('run-2')!;
  expect([orphan.status, orphan.metrics, orphan.params.size]).toEqual(['KILLED', [], 0]);
  expect(await rows()).toMatchObject([{ state: 'open', runId: 'run-1', leaseToken: null }]);
});

test('a run that another has made meanwhile, and was not heard of again, ends without the job', async () => {
  const job = await jobWith(BEGUN, losses(1, 3));
  during('runs/log-batch', () => {
    const tags = new Map([['isochron.jobId', job.id]]);
    mlflow.runs.set('late', { ...mlflow.run, params: new Map(), metrics: [], tags });
    return Promise.resolve();
  });
  await aLogger().log();
  expect(runsOf(job)).toEqual(['run-1']);
  expect(mlflow.runs.get('run-1')).toMatchObject({ status: 'RUNNING' });
  expect(mlflow.runs.get('late')).toMatchObject({ status: 'KILLED', metrics: [] });
});

test('a process that another has taken a run from logs nothing more to it', async () => {
  await jobWith(BEGUN, losses(1, 3));
  during('runs/update', async () => {
    await shorten(60);
    await aLogger().log();
  });
  await aLogger().log();
  expect(stepsOf('loss/all-in-one/joint')).toEqual(upTo(3));
});

test('no request is sent with less of the lease left than it may take', async () => {
  await jobWith(BEGUN, losses(1, 4000), { type: 'failed', attempt: 1, error, willRetry: true });
  const left: number[] = [];
  mlflow.breaks = async () => {
    const [row] = await kept.query(
      'SELECT extract(epoch FROM "leaseExpiresAt" - now())::float8 AS seconds FROM "MlflowRun"',
    );
    left.push((row as { seconds: number }).seconds);
    await shorten(20);
    return undefined;
  };
  await aLogger().log();
  expect(left.length).toBeGreaterThan(8);
  expect(Math.min(...left)).toBeGreaterThan(20);
});

test('a server that is away is left in peace longer and longer, and said so once', async () => {
  await jobWith(BEGUN);
  const logger = aLogger();
  let requests = 0;
  mlflow.breaks = () => {
    requests++;
    return [503, { message: 'come back later' }];
  };
  const triesAt: number[] = [];
  for (; clock.nowMs < 200_000; clock.nowMs += 500) {
    const before = requests;
    await logger.log();
    if (requests > before) triesAt.push(clock.nowMs / 1000);
  }
  expect(triesAt).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183]);
  mlflow.breaks = () => undefined;
  clock.nowMs += 60_000;
  await logger.log();
  expect(said).toEqual([
    expect.stringMatching(/^away .*experiments\/get-by-name.*503: come back later$/),
    'back',
  ]);
  expect(mlflow.run.status).toBe('RUNNING');
});

test('a run that the server refuses is given up, and keeps nothing else back', async () => {
  const refused = await jobWith(BEGUN);
  const logger = aLogger();
  await logger.log();
  mlflow.breaks = (path) =>
    path === 'runs/log-batch'
      ? [400, { error_code: 'INVALID_PARAMETER_VALUE', message: 'deleted' }]
      : undefined;
  await happens(refused, losses(1, 2));
  await logger.log();
  mlflow.breaks = () => undefined;
  await happens(refused, losses(3, 2));
  await jobWith(BEGUN, losses(1, 5));
  await logger.log();
  expect(said).toEqual([
    expect.stringMatching(`^refused ${refused.id} .*400 INVALID_PARAMETER_VALUE: deleted$`),
  ]);
  expect([...mlflow.runs.values()].map(({ metrics }) => metrics.length)).toEqual([0, 5]);
});

test('a run that the server has lost is logged again from the beginning', async () => {
  const job = await jobWith(BEGUN, losses(1, 2));
  const logger = aLogger();
  await logger.log();
  mlflow.runs.clear();
  await happens(job, losses(3, 2));
  await logger.log();
  await logger.log();
  expect([mlflow.runs.size, stepsOf('loss/all-in-one/joint')]).toEqual([1, upTo(4)]);
});

test('an experiment may be named', async () => {
  await jobWith(BEGUN);
  await aLogger('edge').log();
  expect([...mlflow.experiments.keys()]).toEqual(['edge']);
});

test('jobs that were submitted before, and have not ended, are logged from now on', async () => {
  const job = await jobWith(BEGUN, losses(1, 2));
  await jobWith(BEGUN, { type: 'failed', attempt: 1, error, willRetry: false });
  await kept.query('DELETE FROM "MlflowRun"');
  await kept.storage.mlflowRuns.enrol();
  await aLogger().log();
  expect(mlflow.run.tags.get('isochron.jobId')).toBe(job.id);
});

test('only jobs of the team that is named are logged', async () => {
  const other = await testStorage({ loggedJobs: { teamId: kept.actor.teamId } });
  try {
    for (const actor of [other.actor, other.stranger]) {
      const dataset = aDataset(actor);
      await other.storage.datasets.create(dataset);
      await other.storage.jobs.create(
        submission(aJob(actor, { spec: aJobRequest({ datasetId: dataset.id }) })),
      );
    }
    await other.storage.mlflowRuns.enrol();
    expect(await other.query('SELECT "jobId" FROM "MlflowRun"')).toEqual([]);
  } finally {
    await other.close();
  }
});
