import { randomUUID } from 'node:crypto';
import type { Actor, Job, JobEvent, ListJobs } from '#contracts';
import { submission, transition, type JobRepository, type JobWakeups, type OutboxRepository } from '#jobs';
import { waitUntil } from '../wait-until.js';
import { aCandidate, aJob, aJobRequest } from './job-fixtures.js';

export interface JobRepositoryHarness {
  readonly jobs: JobRepository;
  readonly outbox: OutboxRepository;
  readonly wakeups: JobWakeups;
  readonly actor: Actor;
  /** Of another team. */
  readonly stranger: Actor;
  /** A dataset of the actor. */
  readonly datasetId: string;
  /** The trace context that the repository finds while it writes. */
  readonly trace: { parent?: string };
  close(): Promise<void>;
}

/** What every JobRepository, OutboxRepository and JobWakeups promises. `open` gives empty ones. */
export function jobRepositoryConformance(name: string, open: () => Promise<JobRepositoryHarness>): void {
  describe(`${name} as a repository of jobs`, () => {
    let harness: JobRepositoryHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    const newJob = (changes: Partial<Job> = {}): Job =>
      aJob(harness.actor, { spec: aJobRequest({ datasetId: harness.datasetId }), ...changes });
    const created = async (changes: Partial<Job> = {}): Promise<Job> => {
      const job = newJob(changes);
      await harness.jobs.create(submission(job));
      return job;
    };
    const begin = (job: Job) =>
      harness.jobs.update(job.id, (held) =>
        transition(held, { type: 'begun', stage: 'train', generation: 0 }, new Date()),
      );
    const eventsOf = (job: Job, after = 0, limit = 100) =>
      harness.jobs.eventsAfter(harness.actor, job.id, after, limit);

    it('stores a job once', async () => {
      const job = await created();
      await expect(harness.jobs.create(submission({ ...job, model: 'other' }))).rejects.toThrow();
      const both = [job, newJob()].map((one) => harness.jobs.create(submission(one)));
      expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
      expect([await harness.jobs.load(job.id), (await eventsOf(job)).length]).toEqual([job, 1]);
      expect(await harness.outbox.pending(10)).toHaveLength(2);
    });

    it('stores a job with its first event and message', async () => {
      const job = await created();
      expect(await harness.jobs.find(harness.actor, job.id)).toEqual(job);
      expect(await harness.jobs.load(job.id)).toEqual(job);
      const event: JobEvent = { type: 'state', state: 'queued', stage: 'train', attempt: 0 };
      expect(await eventsOf(job)).toEqual([{ sequence: 1, at: job.createdAt, event }]);
      const rows = await harness.outbox.pending(10);
      expect(rows.map((row) => row.message)).toEqual([
        { jobId: job.id, stage: 'train', generation: 0, priority: 0 },
      ]);
    });

    it('stores and clears every optional part of a job', async () => {
      const at = new Date().toISOString();
      const job = await created();
      const full: Job = {
        ...job,
        progress: { stage: 'train', phase: 'joint', step: 1, steps: 4, fraction: 0.25, loss: 0.5 },
        candidate: aCandidate(),
        measuringTaskId: randomUUID(),
        version: 3,
        error: { code: 'internal', fault: 'infrastructure', message: 'broken' },
        startedAt: at,
        finishedAt: at,
        ...{
          state: 'paused',
          stage: 'calibrate',
          until: 'verify',
          attempt: 3,
          generation: 2,
          attemptsBefore: 1,
        },
        ...{
          priority: -7,
          worker: { id: randomUUID(), name: 'gpu-1' },
          waiting: { reason: 'busy', since: at },
        },
        pin: { executor: 'onnxruntime', provider: 'cpu', threads: 4, cpuClass: 'x86-64' },
        checkpoint: { attempt: 3, savedAt: at, files: [{ path: 'a', key: 'b', bytes: 1 }] },
        metricSteps: { 'all-in-one/joint': 7 },
        lastRecord: 4,
      };
      await harness.jobs.update(job.id, () => ({ job: full, events: [], messages: [] }));
      expect(await harness.jobs.load(job.id)).toEqual(full);
      const gone = { progress: undefined, error: undefined, worker: undefined, waiting: undefined };
      const cleared: Job = { ...full, ...gone, pin: undefined, checkpoint: undefined };
      await harness.jobs.update(job.id, () => ({ job: cleared, events: [], messages: [] }));
      expect(await harness.jobs.load(job.id)).toEqual(cleared);
    });

    it('writes nothing when the decision throws or changes nothing', async () => {
      const job = await created();
      const refused = harness.jobs.update(job.id, () => {
        throw new Error('refused');
      });
      await expect(refused).rejects.toThrow('refused');
      await harness.jobs.update(job.id, (held) => ({ job: held, events: [], messages: [] }));
      expect(await harness.jobs.load(job.id)).toEqual(job);
      expect(await eventsOf(job)).toHaveLength(1);
    });

    it('refuses to update a job that does not exist', async () => {
      const update = harness.jobs.update(randomUUID(), (job) => submission(job));
      await expect(update).rejects.toMatchObject({ code: 'not_found' });
    });

    it('numbers the events of concurrent updates without a gap and loses no update', async () => {
      const job = await created();
      await Promise.all(Array.from({ length: 12 }, () => begin(job)));
      expect((await harness.jobs.load(job.id))?.attempt).toBe(12);
      const events = await eventsOf(job);
      expect(events.map((event) => event.sequence)).toEqual(Array.from({ length: 13 }, (_, i) => i + 1));
      const attempts = events.map(({ event }) => (event.type === 'state' ? event.attempt : -1));
      expect(attempts).toEqual(Array.from({ length: 13 }, (_, i) => i));
    });

    it('reads events behind a sequence number, up to a limit', async () => {
      const job = await created();
      for (let i = 0; i < 4; i++) await begin(job);
      const sequences = (await eventsOf(job, 2, 2)).map((event) => event.sequence);
      expect(sequences).toEqual([3, 4]);
      expect(await eventsOf(job, 5)).toEqual([]);
    });

    it('shows jobs and events to their own team alone', async () => {
      const job = await created();
      expect(await harness.jobs.find(harness.stranger, job.id)).toBeUndefined();
      expect((await harness.jobs.list(harness.stranger, { limit: 10 })).items).toEqual([]);
      expect(await harness.jobs.eventsAfter(harness.stranger, job.id, 0, 10)).toEqual([]);
    });

    it('lists newest first, page by page, by state and model', async () => {
      const at = (second: number) => new Date(Date.UTC(2030, 0, 1, 0, 0, second)).toISOString();
      const jobs: Job[] = [];
      for (let i = 0; i < 5; i++)
        jobs.push(await created({ createdAt: at(i), model: i % 2 === 0 ? 'even' : 'odd' }));
      const newestFirst = jobs.map((job) => job.id).reverse();
      const first = await harness.jobs.list(harness.actor, { limit: 3 });
      expect(first.items.map((job) => job.id)).toEqual(newestFirst.slice(0, 3));
      const second = await harness.jobs.list(harness.actor, { limit: 3, cursor: first.nextCursor });
      expect(second.items.map((job) => job.id)).toEqual(newestFirst.slice(3));
      expect(second.nextCursor).toBeUndefined();
      const odd = await harness.jobs.list(harness.actor, { limit: 10, model: 'odd' });
      expect(odd.items.map((job) => job.id)).toEqual([jobs[3]!.id, jobs[1]!.id]);
      expect((await harness.jobs.list(harness.actor, { limit: 10, state: ['running'] })).items).toEqual([]);
    });

    it('lists by several states, owner, labels and time, all of which must hold', async () => {
      const at = (second: number) => new Date(Date.UTC(2030, 0, 1, 0, 0, second));
      const add = (second: number, changes: Partial<Job>, labels: Record<string, string>) =>
        created({
          ...{ createdAt: at(second).toISOString(), ...changes },
          spec: aJobRequest({ datasetId: harness.datasetId, labels }),
        });
      const a = await add(1, { state: 'paused' }, { team: 'vision', site: 'x' });
      const b = await add(2, { state: 'cancelling', owner: 'grace' }, { team: 'vision' });
      const c = await add(3, { state: 'failed' }, {});
      const listed = async (query: Omit<ListJobs, 'limit'>) => {
        const { items } = await harness.jobs.list(harness.actor, { limit: 10, ...query });
        return items.map((job) => job.id);
      };
      expect(await listed({ state: ['paused', 'cancelling'] })).toEqual([b.id, a.id]);
      expect(await listed({ state: ['paused', 'failed'], owner: c.owner })).toEqual([c.id, a.id]);
      expect(await listed({ owner: 'grace' })).toEqual([b.id]);
      const team = { key: 'team', value: 'vision' };
      expect(await listed({ label: [team] })).toEqual([b.id, a.id]);
      expect(await listed({ label: [team, { key: 'site', value: 'x' }] })).toEqual([a.id]);
      expect(await listed({ label: [{ key: 'team', value: 'x' }] })).toEqual([]);
      expect(await listed({ createdFrom: at(2) })).toEqual([c.id, b.id]);
      expect(await listed({ createdFrom: at(1), createdBefore: at(3), label: [team] })).toEqual([b.id, a.id]);
    });

    it('reads the events of one type behind a sequence number, up to a limit, for their own team', async () => {
      const job = await created();
      for (const message of ['one', 'two', 'three']) {
        await begin(job);
        await harness.jobs.update(job.id, (held) =>
          transition(
            held,
            { type: 'logged', attempt: held.attempt, record: 1, log: { level: 'info', message } },
            new Date(),
          ),
        );
      }
      const logs = (after: number, limit: number, actor = harness.actor) =>
        harness.jobs.eventsOfType(actor, job.id, 'log', after, limit);
      const all = await logs(0, 10);
      expect(all.map(({ sequence, event }) => [sequence, event.type === 'log' && event.message])).toEqual([
        [3, 'one'],
        [5, 'two'],
        [7, 'three'],
      ]);
      expect(await logs(3, 1)).toEqual(all.slice(1, 2));
      expect(await logs(0, 10, harness.stranger)).toEqual([]);
    });

    it('finds unfinished jobs that nobody touched, by id and page', async () => {
      const long = new Date(Date.now() - 60_000).toISOString();
      const old = [await created({ updatedAt: long }), await created({ updatedAt: long })];
      await created();
      for (const state of ['succeeded', 'failed', 'cancelled', 'paused'] as const)
        await created({ updatedAt: long, state });
      const ids = old.map((job) => job.id).sort();
      const query = { untouchedSince: new Date(Date.now() - 30_000), limit: 1 };
      const first = await harness.jobs.unfinished(query);
      const second = await harness.jobs.unfinished({ ...query, limit: 5, afterId: first[0]!.id });
      expect([...first, ...second].map((job) => job.id)).toEqual(ids);
    });

    it('keeps messages pending, oldest first, until they are marked as sent', async () => {
      const jobs = [await created(), await created(), await created()];
      const rows = await harness.outbox.pending(2);
      expect(rows.map((row) => row.message.jobId)).toEqual(jobs.slice(0, 2).map((job) => job.id));
      await harness.outbox.markSent(rows.map((row) => row.id));
      await harness.outbox.markSent(rows.map((row) => row.id));
      const left = await harness.outbox.pending(10);
      expect(left.map((row) => row.message.jobId)).toEqual([jobs[2]!.id]);
    });

    it('gives messages the trace of the work that they come of', async () => {
      harness.trace.parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      const job = await created({ deviceId: undefined });
      const other = '00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01';
      harness.trace.parent = other;
      await begin(job);
      await harness.jobs.update(job.id, (held) =>
        transition(held, { type: 'trained', attempt: 1, candidate: aCandidate() }, new Date()),
      );
      harness.trace.parent = undefined;
      await created();
      const rows = await harness.outbox.pending(10);
      expect(rows.map(({ message }) => message.traceparent)).toEqual([
        '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        other,
        undefined,
      ]);
    });

    it('wakes the listeners of a job and of the outbox, until they leave', async () => {
      const woken = { job: 0, other: 0, outbox: 0 };
      const job = newJob();
      const leave = harness.wakeups.onJobEvents(job.id, () => woken.job++);
      harness.wakeups.onJobEvents(randomUUID(), () => woken.other++);
      harness.wakeups.onOutbox(() => woken.outbox++);
      await harness.jobs.create(submission(job));
      await waitUntil('both listeners are woken', () => woken.job > 0 && woken.outbox > 0);
      leave();
      const before = woken.job;
      await begin(job);
      const again = newJob();
      await harness.jobs.create(submission(again));
      await waitUntil('the outbox is woken again', () => woken.outbox > 1);
      expect(woken).toMatchObject({ job: before, other: 0 });
    });
  });
}
