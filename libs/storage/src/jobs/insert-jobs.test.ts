import { randomUUID } from 'node:crypto';
import { newAudit, type Job, type Webhook } from '#contracts';
import { submission } from '#jobs';
import { aDataset, aJob, aJobRequest, testStorage, type TestStorage } from '#testkit';

let kept: TestStorage;
let datasetId: string;
beforeEach(async () => {
  kept = await testStorage();
  const dataset = aDataset(kept.actor);
  await kept.storage.datasets.create(dataset);
  datasetId = dataset.id;
});
afterEach(() => kept.close());

const newJob = (changes: Partial<Job> = {}): Job =>
  aJob(kept.actor, { spec: aJobRequest({ datasetId, labels: { team: 'vision' } }), ...changes });
const create = (job: Job) => kept.storage.jobs.create(submission(job));

describe('jobs that are submitted at once', () => {
  it('are stored each as it is, with its event, its message and the stage that it is in', async () => {
    const jobs = Array.from({ length: 150 }, () => newJob({ priority: 7, generation: 2 }));
    await Promise.all(jobs.map(create));
    const { storage, actor } = kept;
    const rows = await storage.outbox.pending(1000);
    const expected = jobs.map(({ id: jobId }) => ({ jobId, stage: 'train', generation: 2, priority: 7 }));
    expect(rows.map(({ message }) => message)).toEqual(expected);
    for (const job of jobs.slice(0, 5)) {
      expect(await storage.jobs.find(actor, job.id)).toEqual(job);
      const events = await storage.jobs.eventsAfter(actor, job.id, 0, 10);
      expect(events).toEqual([
        {
          sequence: 1,
          at: job.updatedAt,
          event: { type: 'state', state: 'queued', stage: 'train', attempt: 0 },
        },
      ]);
    }
    expect(await storage.statistics.outbox()).toMatchObject({ pending: 150 });
  });

  it('are all stored but the one that cannot be', async () => {
    const missing = randomUUID();
    const jobs = [newJob(), newJob({ spec: aJobRequest({ datasetId: missing }) }), newJob()];
    const results = await Promise.allSettled(jobs.map(create));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const stored = await Promise.all(jobs.map(({ id }) => kept.storage.jobs.load(id)));
    expect(stored.map((job) => job?.id)).toEqual([jobs[0]!.id, undefined, jobs[2]!.id]);
    const rows = await kept.storage.outbox.pending(10);
    expect(rows.map(({ message }) => message.jobId)).toEqual([jobs[0]!.id, jobs[2]!.id]);
  });

  it('tell webhooks of those that begin at once', async () => {
    const webhook: Webhook = {
      ...newAudit(kept.actor, randomUUID(), new Date()),
      ...{ url: 'https://a.example/', events: 'all', state: 'enabled', revision: 1 },
    };
    await kept.storage.webhooks.create({ webhook, secret: 'whsec_c2VjcmV0' });
    await Promise.all([create(newJob()), create(newJob({ state: 'running', stage: 'measure' }))]);
    const { items } = await kept.storage.webhooks.listDeliveries(kept.actor, webhook.id, { limit: 10 });
    expect(items.map(({ type }) => type)).toEqual(['job.running']);
  });

  it('end the stages of those that have ended already', async () => {
    const at = new Date().toISOString();
    await create(newJob({ state: 'failed', finishedAt: at }));
    await create(newJob());
    const counts = await kept.storage.statistics.jobCounts();
    expect(counts.map(({ state, count }) => [state, count]).sort()).toEqual([
      ['failed', 1],
      ['queued', 1],
    ]);
    expect(await kept.storage.statistics.stageDurations([1])).toEqual([]);
  });
});
