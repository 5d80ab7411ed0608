import { wireService, type Service } from '#service';
import { temporaryFolder, testStorage, waitUntil, type TestStorage } from '#testkit';
import { storeDataset, submit, work } from '../testing/a-worker.js';
import { ENDLESS_TRAINING } from '../testing/training-orders.js';
import { HeldJobs } from './held-jobs.js';

let store: TestStorage;
let service: Service;
let folder: { path: string; remove(): Promise<void> };
beforeAll(async () => {
  store = await testStorage();
  service = wireService(store.storage);
  folder = await temporaryFolder('worker');
});
afterAll(async () => {
  await store.close();
  await folder.remove();
});

test('a job whose message comes again to the worker that trains it is held until the second attempt ends', async () => {
  const datasetId = await storeDataset(store);
  const job = await submit({ store, service }, { datasetId, training: ENDLESS_TRAINING });
  const held = new HeldJobs();
  const attempt = () => work(job, { store, service, folder: folder.path, held });
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
