import { pino } from 'pino';
import { AppError } from '#contracts';
import { wireService } from '#service';
import { aDataset, aJobRequest, testStorage, type TestStorage } from '#testkit';
import { AttemptReports } from './attempt-reports.js';

let kept: TestStorage;
beforeAll(async () => {
  kept = await testStorage();
});
afterAll(() => kept.close());

/** Every first write is committed, but the connection breaks before its acknowledgement. */
function loseEveryFirstAcknowledgement({ jobs }: TestStorage['storage']): void {
  const update = jobs.update.bind(jobs);
  let writes = 0;
  jobs.update = async (...given) => {
    const done = await update(...given);
    if (writes++ % 2 === 0) throw new AppError('unavailable', 'the connection is gone');
    return done;
  };
}

test('whatever a training tells is told once, though the acknowledgement of everything is lost', async () => {
  const { storage, actor } = kept;
  const { jobs, workerReports: reports } = wireService(storage);
  const dataset = aDataset(actor, { files: {} });
  await storage.datasets.create(dataset);
  const job = await jobs.submit(actor, aJobRequest({ datasetId: dataset.id }));
  const stage = (await reports.begin({ jobId: job.id, stage: 'train', generation: 0 }))!;
  loseEveryFirstAcknowledgement(storage);
  const listener = new AttemptReports(stage, {
    ...{ reports, log: pino({ level: 'silent' }), signal: new AbortController().signal },
    ...{ onJob: () => {}, onSuperseded: () => {}, onCheckpointed: () => Promise.resolve() },
    upload: () => Promise.resolve({ attempt: 1, savedAt: new Date().toISOString(), files: [] }),
  });
  const progress = { stage: 'train', step: 1, steps: 9, fraction: 0.1 } as const;
  listener.onResumed(progress);
  listener.onLog({ level: 'info', message: 'the same' });
  listener.onLog({ level: 'info', message: 'the same' });
  listener.onMetrics({ series: 'all-in-one/joint', firstStep: 1, losses: [3] });
  listener.onCheckpoint(['00000001.safetensors'], progress);
  listener.onLog({ level: 'info', message: 'behind it' });
  await listener.settled();
  const told = (await storage.jobs.eventsAfter(actor, job.id, 2, 100)).map(({ event }) => event.type);
  expect(told).toEqual(['resumed', 'log', 'log', 'metrics', 'checkpoint', 'log']);
});
