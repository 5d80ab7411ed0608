import { readBundleWithAddenda } from '#bundle';
import { CreateAddendum, type Job, type ModelVersion } from '#contracts';
import { openWorkerWorld, submit, work as handle, type WorkerWorld } from './testing/a-worker.js';
import { TINY_TRAINING } from './testing/training-orders.js';

let world: WorkerWorld;
let version: ModelVersion;
beforeAll(async () => {
  world = await openWorkerWorld('derive');
  const job = await submit(world, { datasetId: world.datasetId, training: TINY_TRAINING });
  await work(job);
  await work(job);
  version = await world.service.registry.version(world.store.actor, job.model, 1);
});
afterAll(() => world.close());

const current = (job: Job) => world.service.jobs.get(world.store.actor, job.id);
const work = async (job: Job): Promise<void> => handle(await current(job), world);
const derive = (...ratios: number[]): Promise<Job> =>
  world.service.addenda.derive(world.store.actor, version.model, 1, CreateAddendum.parse({ ratios }));
const addenda = () => world.service.addenda.list(world.store.actor, version.model, 1);

test('ratios between trained ones are derived and published beside the version, which stays as it is', async () => {
  const { service, store } = world;
  const job = await derive(0.2, 0.35);
  expect(job).toMatchObject({ state: 'queued', stage: 'derive', ratios: [0.2, 0.35], model: version.model });
  await work(job);
  const [addendum, ...others] = await addenda();
  expect(others).toEqual([]);
  expect(await current(job)).toMatchObject({
    ...{ state: 'succeeded', attempt: 1 },
    derivation: { model: version.model, version: 1, addendum: addendum!.digest },
  });
  expect(addendum).toMatchObject({ jobId: job.id, version: 1, ratios: [{ ratio: 0.2 }, { ratio: 0.35 }] });
  const [dense] = version.ratios;
  for (const { accuracy, macs, derived } of addendum!.ratios) {
    expect([derived, macs < dense!.macs, accuracy >= 0 && accuracy <= 1]).toEqual([true, true, true]);
  }
  expect(await service.registry.version(store.actor, version.model, 1)).toEqual(version);

  const read = (digest: string) => store.storage.artifacts.read(digest);
  const bundle = await read(version.bundle.digest);
  const { family } = readBundleWithAddenda(bundle, [await read(addendum!.digest)]);
  expect(family.members.map(({ ratio, derived = false }) => [ratio, derived])).toEqual([
    ...[[0, false] as const, [0.2, true] as const, [0.35, true] as const, [0.5, false] as const],
  ]);
  const events = await service.jobs.eventsOfType(store.actor, job.id, 'progress', 0, 50);
  expect(events.at(-1)).toMatchObject({ event: { progress: { stage: 'derive', phase: 'evaluate' } } });
});

test('of two jobs for one ratio the later one fails, and another ratio is added to what is there', async () => {
  const [first, second] = [await derive(0.1), await derive(0.1, 0.15)];
  await work(first);
  await expect(work(second)).rejects.toMatchObject({ code: 'already_exists' });
  expect(await current(second)).toMatchObject({
    ...{ state: 'failed', error: { code: 'already_exists', fault: 'user' } },
  });
  const third = await derive(0.15);
  await work(third);
  expect(await current(third)).toMatchObject({ state: 'succeeded' });
  const ratios = (await addenda()).map((addendum) => addendum.ratios.map(({ ratio }) => ratio));
  expect(ratios).toEqual([[0.2, 0.35], [0.1], [0.15]]);
});

test('the message of a job that is over does nothing', async () => {
  const job = await derive(0.4);
  const { stage, generation } = job;
  await work(job);
  const done = await current(job);
  await handle({ ...job, stage, generation }, world);
  expect(await current(job)).toEqual(done);
});
