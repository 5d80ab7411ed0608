import { randomUUID } from 'node:crypto';
import { anActor, MemoryJobStore, waitingJobsConformance } from '#testkit';

waitingJobsConformance('memory', () => {
  const store = new MemoryJobStore();
  return Promise.resolve({
    ...{ jobs: store, outbox: store, wakeups: store },
    ...{ actor: anActor(), stranger: anActor(), datasetId: randomUUID(), trace: {} },
    close: () => Promise.resolve(),
  });
});
