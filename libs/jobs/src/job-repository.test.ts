import { randomUUID } from 'node:crypto';
import { anActor, jobRepositoryConformance, MemoryJobStore } from '#testkit';

jobRepositoryConformance('memory', () => {
  const store = new MemoryJobStore();
  return Promise.resolve({
    jobs: store,
    outbox: store,
    wakeups: store,
    actor: anActor(),
    stranger: anActor(),
    datasetId: randomUUID(),
    close: () => Promise.resolve(),
  });
});
