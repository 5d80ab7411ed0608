import { wireService } from '#service';
import { openStorage } from '#storage';
import { answerOrder } from './child.js';

/** Work on jobs as a worker does, and tell of it at a known rate. */
export interface WriteOrder {
  readonly databaseUrl: string;
  readonly artifactsUrl: string;
  readonly jobIds: readonly string[];
  /** Of all jobs together. */
  readonly eventsPerSecond: number;
  readonly seconds: number;
}

export interface WriteResult {
  readonly events: number;
  readonly seconds: number;
}

answerOrder<WriteOrder, WriteResult>(async (order) => {
  const { databaseUrl, artifactsUrl, jobIds } = order;
  const storage = await openStorage({ databaseUrl, artifactsUrl, onError: () => {} });
  const { workerReports: reports } = wireService(storage);
  const held: { jobId: string; attempt: number }[] = [];
  for (const jobId of jobIds) {
    const begun = await reports.begin({ jobId, stage: 'train', generation: 0 });
    if (begun === undefined) throw new Error(`job "${jobId}" could not be begun`);
    held.push({ jobId, attempt: begun.attempt });
  }
  const events = Math.round(order.eventsPerSecond * order.seconds);
  const begun = performance.now();
  const writes: Promise<unknown>[] = [];
  for (let event = 0; event < events; event++) {
    const dueMs = (1000 * event) / order.eventsPerSecond - (performance.now() - begun);
    if (dueMs > 0) await new Promise((resolve) => setTimeout(resolve, dueMs));
    const { jobId, attempt } = held[event % held.length]!;
    const progress = {
      stage: 'train' as const,
      step: event,
      steps: events,
      fraction: event / events,
      loss: 1,
    };
    writes.push(reports.progress(jobId, attempt, progress));
  }
  await Promise.all(writes);
  const seconds = (performance.now() - begun) / 1000;
  const error = { code: 'internal', fault: 'user' as const, message: 'the benchmark has ended' };
  for (const { jobId, attempt } of held) await reports.failed(jobId, attempt, error, false);
  await storage.close();
  return { events, seconds };
});
