import { submission } from '#jobs';
import { aDataset, aJob, aJobRequest, deviceRepositoriesConformance, testStorage } from '#testkit';

deviceRepositoriesConformance('PostgreSQL', async () => {
  const { storage, actor, stranger, close } = await testStorage();
  const dataset = aDataset(actor);
  await storage.datasets.create(dataset);
  const job = aJob(actor, { spec: aJobRequest({ datasetId: dataset.id }) });
  await storage.jobs.create(submission(job));
  const { devices, measuringTasks: tasks, latencyTables: tables, calibrations, wakeups } = storage;
  return { devices, tasks, tables, calibrations, wakeups, actor, stranger, jobId: job.id, close };
});
