import { aDataset, testStorage, waitingJobsConformance } from '#testkit';

waitingJobsConformance('PostgreSQL', async () => {
  const { storage, actor, stranger, close } = await testStorage();
  const dataset = aDataset(actor);
  await storage.datasets.create(dataset);
  const { jobs, outbox, wakeups } = storage;
  return { jobs, outbox, wakeups, actor, stranger, datasetId: dataset.id, trace: {}, close };
});
