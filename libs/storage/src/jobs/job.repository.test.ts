import { aDataset, jobRepositoryConformance, testStorage } from '#testkit';

jobRepositoryConformance('PostgreSQL', async () => {
  const trace: { parent?: string } = {};
  const { storage, actor, stranger, close } = await testStorage({ traceparent: () => trace.parent });
  const dataset = aDataset(actor);
  await storage.datasets.create(dataset);
  const { jobs, outbox, wakeups } = storage;
  return { jobs, outbox, wakeups, actor, stranger, datasetId: dataset.id, trace, close };
});
