import type { Actor } from '#contracts';
import { submission } from '#jobs';
import type { Storage } from '#storage';
import {
  aCalibration,
  aDataset,
  aDevice,
  aJob,
  aJobRequest,
  aLatencyTable,
  aMeasuringTask,
  registryRepositoriesConformance,
  testStorage,
} from '#testkit';

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

registryRepositoriesConformance('PostgreSQL', async () => {
  const { storage, actor, stranger, close } = await testStorage();
  return {
    models: storage.models,
    datasets: storage.datasets,
    actor,
    stranger,
    newJob: (owner) => newJob(storage, owner),
    newMeasurement: (owner) => newMeasurement(storage, owner),
    close,
  };
});
