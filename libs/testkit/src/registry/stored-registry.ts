import type { Actor } from '#contracts';
import { submission } from '#jobs';
import type { Storage } from '#storage';
import { completeUpload } from '../artifacts/complete-upload.js';
import { aCalibration, aDevice, aLatencyTable, aMeasuringTask } from '../devices/device-fixtures.js';
import { aDataset, aJob, aJobRequest } from '../jobs/job-fixtures.js';
import type { RegistryParts } from './registry-harness.js';

/** The registry of a storage. */
export function storedRegistry(storage: Storage): RegistryParts {
  const { models, aliases, products, datasets, drifts } = storage;
  return {
    ...{ models, aliases, products, datasets, drifts },
    haveBundle: async (actor, bundle) => void (await completeUpload(storage, actor, bundle)),
    newJob: (actor) => newJob(storage, actor),
    newMeasurement: (actor) => newMeasurement(storage, actor),
  };
}

async function newJob({ datasets, jobs }: Storage, actor: Actor) {
  const dataset = aDataset(actor);
  await datasets.create(dataset);
  const job = aJob(actor, { spec: aJobRequest({ datasetId: dataset.id }) });
  await jobs.create(submission(job));
  return { jobId: job.id, datasetId: dataset.id };
}

async function newMeasurement({ devices, measuringTasks, calibrations }: Storage, actor: Actor) {
  const device = aDevice(actor);
  await devices.create(device);
  const task = await measuringTasks.create(aMeasuringTask(device));
  const now = new Date();
  const lease = { deviceId: device.id, agent: { name: 'agent', version: '1' }, token: 'token', now };
  await measuringTasks.leaseNext(actor, { ...lease, expiresAt: now });
  const table = aLatencyTable(task);
  await measuringTasks.complete(actor, { taskId: task.id, token: 'token', now }, () => table);
  const calibration = aCalibration(table);
  await calibrations.create(calibration);
  return {
    deviceId: device.id,
    deviceName: device.name,
    calibrationId: calibration.id,
    latencyTableId: table.id,
  };
}
