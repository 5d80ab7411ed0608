import { randomBytes } from 'node:crypto';
import type { Actor, Dataset } from '#contracts';
import { submission } from '#jobs';
import type { Storage } from '#storage';
import { aDevice, aMeasuringTask } from '../devices/device-fixtures.js';
import { aCandidate, aDataset, aJob, aJobRequest } from '../jobs/job-fixtures.js';
import { publishAddendumTo, publishBundle } from '../registry/published-bundle.js';
import { completeUpload } from './complete-upload.js';

/** Makes something that alone refers to a stored file, whose digest it gives. */
type Refer = (storage: Storage, actor: Actor) => Promise<string>;

const aStoredFile = (storage: Storage) => storage.artifacts.putBytes(randomBytes(40));

/** All that a stored file may be needed by, one kind of it each: what the collector asks for, and nothing less. */
export const REFERRING_RESOURCES: readonly (readonly [name: string, refer: Refer])[] = [
  ['an upload', fileOfUpload],
  ['a version', async (storage, actor) => (await publishBundle(storage, actor)).version.bundle.digest],
  ['a candidate that was not published', candidateOfJob],
  ['an addendum', addendumOfVersion],
  ['a dataset', filesOfDataset],
  ['a measuring task', networkOfTask],
];

async function fileOfUpload(storage: Storage, actor: Actor): Promise<string> {
  const file = await aStoredFile(storage);
  await completeUpload(storage, actor, file);
  return file.digest;
}

async function candidateOfJob(storage: Storage, actor: Actor): Promise<string> {
  const dataset = aDataset(actor);
  await storage.datasets.create(dataset);
  const job = aJob(actor, { spec: aJobRequest({ datasetId: dataset.id }), state: 'running', attempt: 1 });
  await storage.jobs.create(submission(job));
  const bundle = await aStoredFile(storage);
  await storage.jobs.update(job.id, (before) => ({
    job: { ...before, stage: 'publish', candidate: aCandidate({ bundle }) },
    ...{ events: [], messages: [] },
  }));
  return bundle.digest;
}

async function addendumOfVersion(storage: Storage, actor: Actor): Promise<string> {
  const published = await publishBundle(storage, actor);
  return (await publishAddendumTo(storage, published, 0.3)).addendum.digest;
}

async function filesOfDataset(storage: Storage, actor: Actor): Promise<string> {
  const images = await aStoredFile(storage);
  // The store's file alone: those of the fixture are nobody's.
  const files = { trainImages: images } as Dataset['files'];
  await storage.datasets.create(aDataset(actor, { files }));
  return images.digest;
}

async function networkOfTask(storage: Storage, actor: Actor): Promise<string> {
  const network = await aStoredFile(storage);
  const device = aDevice(actor);
  await storage.devices.create(device);
  const task = aMeasuringTask(device);
  const subnets = task.subnets.map((subnet) => ({ ...subnet, onnx: { ...subnet.onnx, ...network } }));
  await storage.measuringTasks.create({ ...task, subnets });
  return network.digest;
}
