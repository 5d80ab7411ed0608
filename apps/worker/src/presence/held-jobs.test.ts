import { waitUntil } from '#testkit';
import { openWorkerWorld, submit, work, type WorkerWorld } from '../testing/a-worker.js';
import { ENDLESS_TRAINING } from '../testing/training-orders.js';
import { HeldJobs } from './held-jobs.js';

let world: WorkerWorld;
beforeAll(async () => void (world = await openWorkerWorld('worker')));
afterAll(() => world.close());

test('a job whose message comes again to the worker that trains it is held until the second attempt ends', async () => {
  const { store, service, datasetId } = world;
  const job = await submit(world, { datasetId, training: ENDLESS_TRAINING });
  const held = new HeldJobs();
  const attempt = () => work(job, { ...world, held });
  const isAt = (attempts: number) =>
    waitUntil(`attempt ${attempts}`, async () => {
      const { progress, attempt } = await service.jobs.get(store.actor, job.id);
      return attempt === attempts && progress !== undefined;
    });
  const first = attempt();
  await isAt(1);
  const second = attempt();
  await first;
  expect(held.ids).toEqual([job.id]);
  await isAt(2);
  await service.jobs.cancel(store.actor, job.id);
  await second;
  expect(held.ids).toEqual([]);
});
