import { pino } from 'pino';
import { AppError, type Job, type JobCheckpoint, type JobProgress } from '#contracts';
import type { BegunStage } from '#jobs';
import { aJobRequest, aJobWorld, waitUntil } from '#testkit';
import { AttemptReports, type AttemptReportsParts } from './attempt-reports.js';

const progress = (step: number): JobProgress => ({ stage: 'train', step, steps: 9, fraction: step / 9 });
const batch = (firstStep: number, ...losses: number[]) => ({ series: 'all-in-one/joint', firstStep, losses });

/** An attempt of a job that is stored in memory; `fault` makes the next writes fail. */
async function reporting(changes: Partial<AttemptReportsParts> = {}) {
  const world = aJobWorld();
  const { service, reports, actor, dataset, store } = world;
  const { id } = await service.submit(actor, aJobRequest({ datasetId: dataset.id }));
  const stage: BegunStage = (await reports.begin({ jobId: id, stage: 'train', generation: 0 }))!;
  const faults: Error[] = [];
  const update = store.update.bind(store);
  store.update = (...given) => (faults.length > 0 ? Promise.reject(faults.shift()!) : update(...given));
  const end = new AbortController();
  const seen: Job[] = [];
  const superseded: unknown[] = [];
  const dropped: JobCheckpoint[] = [];
  const listener = new AttemptReports(stage, {
    reports,
    log: pino({ level: 'silent' }),
    signal: end.signal,
    onJob: (job) => seen.push(job),
    onSuperseded: (error) => superseded.push(error),
    upload: (paths) =>
      Promise.resolve({
        ...{ attempt: stage.attempt, savedAt: new Date().toISOString() },
        files: paths.map((path) => ({ path, key: `key-${path}`, bytes: 1 })),
      }),
    onCheckpointed: (checkpoint) => Promise.resolve(void dropped.push(checkpoint)),
    ...changes,
  });
  /** What the job has told since its attempt began. */
  const told = async () => (await store.eventsAfter(actor, id, 2, 500)).map(({ event }) => event);
  return { ...world, id, stage, listener, faults, end, seen, superseded, dropped, told };
}

test('stores what it is told in that order, metrics before the checkpoint that holds them', async () => {
  const { listener, told, id, store, seen, dropped } = await reporting();
  listener.onResumed(progress(1));
  listener.onLog({ level: 'warn', message: 'hello' });
  listener.onMetrics(batch(1, 3, 2));
  listener.onCheckpoint(['00000001.safetensors'], progress(2));
  listener.onProgress(progress(3));
  await listener.settled();
  expect((await told()).map(({ type }) => type)).toEqual([
    'resumed',
    'log',
    'metrics',
    'checkpoint',
    'progress',
  ]);
  expect(await store.load(id)).toMatchObject({
    metricSteps: { 'all-in-one/joint': 2 },
    checkpoint: { attempt: 1, files: [{ path: '00000001.safetensors', key: 'key-00000001.safetensors' }] },
    progress: progress(3),
  });
  expect(seen).toHaveLength(5);
  expect(dropped).toHaveLength(1);
});

test('tries again what could not be stored, and lets nothing past it', async () => {
  const { listener, faults, told } = await reporting();
  faults.push(new Error('the database went away'), new AppError('unavailable', 'not now'));
  listener.onMetrics(batch(1, 3));
  listener.onLog({ level: 'info', message: 'behind it' });
  await listener.settled();
  expect((await told()).map(({ type }) => type)).toEqual(['metrics', 'log']);
});

test('keeps of progress that waits the newest alone, and does not try it again', async () => {
  const { listener, faults, told } = await reporting();
  for (let step = 1; step <= 5; step++) listener.onProgress(progress(step));
  await listener.settled();
  const steps = (await told()).map((event) => event.type === 'progress' && event.progress.step);
  expect(steps).toEqual([1, 5]);
  faults.push(new Error('the database went away'));
  listener.onProgress(progress(6));
  listener.onLog({ level: 'info', message: 'behind it' });
  await listener.settled();
  expect((await told()).slice(2).map(({ type }) => type)).toEqual(['log']);
});

test('says that another attempt has the job, and stores nothing more', async () => {
  const { listener, reports, id, superseded, told } = await reporting();
  await reports.begin({ jobId: id, stage: 'train', generation: 0 });
  listener.onMetrics(batch(1, 3));
  listener.onCheckpoint(['00000001.safetensors'], progress(2));
  await listener.settled();
  expect(superseded).toMatchObject([{ code: 'attempt_superseded' }, { code: 'attempt_superseded' }]);
  expect((await told()).map(({ type }) => type)).toEqual(['state']);
});

test('gives up what could not be stored when the attempt ends', async () => {
  const { listener, faults, end, told } = await reporting();
  faults.push(...Array<Error>(1000).fill(new Error('the database went away')));
  listener.onMetrics(batch(1, 3));
  listener.onLog({ level: 'info', message: 'behind it' });
  await waitUntil('a first try', () => faults.length < 1000);
  end.abort();
  await listener.settled();
  faults.length = 0;
  expect(await told()).toEqual([]);
});

test('what can never be stored keeps back nothing', async () => {
  const { listener, told } = await reporting();
  listener.onMetrics(batch(5, 3)); // the steps before it are missing
  listener.onLog({ level: 'info', message: 'behind it' });
  await listener.settled();
  expect((await told()).map(({ type }) => type)).toEqual(['log']);
});

test('a checkpoint that cannot be uploaded is tried until a newer one waits', async () => {
  const uploads: string[] = [];
  const { listener, told, id, store } = await reporting({
    upload: ([path]) => {
      uploads.push(path!);
      if (path === 'old') return Promise.reject(new AppError('unavailable', 'the store is away'));
      return Promise.resolve({ attempt: 1, savedAt: new Date().toISOString(), files: [] });
    },
  });
  listener.onCheckpoint(['old'], progress(1));
  await waitUntil('a second try', () => uploads.length >= 2);
  listener.onMetrics(batch(1, 3));
  listener.onCheckpoint(['new'], progress(2));
  await listener.settled();
  expect(uploads.at(-1)).toBe('new');
  expect((await told()).map(({ type }) => type)).toEqual(['metrics', 'checkpoint']);
  expect(await store.load(id)).toMatchObject({ checkpoint: { attempt: 1 } });
});

test('of checkpoints that wait the newest alone is stored, behind all metrics before it', async () => {
  const uploads: string[] = [];
  let finish = () => {};
  const first = new Promise<void>((resolve) => (finish = resolve));
  const { listener, told } = await reporting({
    upload: async ([path]) => {
      uploads.push(path!);
      if (path === 'first') await first;
      return { attempt: 1, savedAt: new Date().toISOString(), files: [] };
    },
  });
  listener.onCheckpoint(['first'], progress(1));
  listener.onMetrics(batch(1, 3));
  listener.onCheckpoint(['second'], progress(2));
  listener.onMetrics(batch(2, 2));
  listener.onCheckpoint(['third'], progress(3));
  finish();
  await listener.settled();
  expect(uploads).toEqual(['first', 'third']);
  expect((await told()).map(({ type }) => type)).toEqual(['checkpoint', 'metrics', 'metrics', 'checkpoint']);
});

test('a checkpoint whose files are gone is none', async () => {
  const { listener, told, dropped } = await reporting({ upload: () => Promise.resolve(undefined) });
  listener.onCheckpoint(['gone'], progress(1));
  await listener.settled();
  expect([await told(), dropped]).toEqual([[], []]);
});

test('a checkpoint is kept, and told once, where older ones cannot be removed', async () => {
  const { listener, told } = await reporting({
    onCheckpointed: () => Promise.reject(new AppError('unavailable', 'the store is away')),
  });
  listener.onCheckpoint(['00000001.safetensors'], progress(1));
  await listener.settled();
  expect((await told()).map(({ type }) => type)).toEqual(['checkpoint']);
});
