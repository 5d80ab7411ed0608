import { randomUUID } from 'node:crypto';
import { anActor, jobRepositoryConformance, MemoryJobStore } from '#testkit';

jobRepositoryConformance('memory', () => {
  const trace: { parent?: string } = {};
  const store = new MemoryJobStore(() => trace.parent);
  return Promise.resolve({
    jobs: store,
    outbox: store,
    wakeups: store,
    actor: anActor(),
    stranger: anActor(),
    datasetId: randomUUID(),
    trace,
    close: () => Promise.resolve(),
  });
});
