import { randomUUID } from 'node:crypto';
import type { Job } from '#contracts';
import { submission } from '#jobs';
import { aJob, aJobRequest } from './job-fixtures.js';
import type { JobRepositoryHarness } from './job-repository-conformance.js';

/** What every JobRepository tells the reconciler. `open` gives an empty one. */
export function waitingJobsConformance(name: string, open: () => Promise<JobRepositoryHarness>): void {
  describe(`${name} as a repository of jobs for the reconciler`, () => {
    let harness: JobRepositoryHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    const long = new Date(Date.now() - 60_000).toISOString();
    const untouchedSince = new Date(Date.now() - 30_000);
    const stored = async (changes: Partial<Job> = {}): Promise<Job> => {
      const spec = aJobRequest({ datasetId: harness.datasetId });
      const job = aJob(harness.actor, { spec, updatedAt: long, ...changes });
      await harness.jobs.create(submission(job));
      return job;
    };

    it('tells of queued jobs what their messages say, by id and page', async () => {
      const parts = { stage: 'publish', generation: 3, priority: -5, attempt: 4, attemptsBefore: 2 } as const;
      const jobs = [await stored(), await stored(parts)];
      await stored({ state: 'running', attempt: 1 });
      await stored({ state: 'paused' });
      await stored({ updatedAt: new Date().toISOString() });
      const expected = jobs
        .map(({ id, stage, generation, priority, attempt, attemptsBefore }) => {
          return { id, stage, generation, priority, attempt, attemptsBefore };
        })
        .sort((a, b) => (a.id < b.id ? -1 : 1));
      const first = await harness.jobs.waiting({ untouchedSince, limit: 1 });
      const rest = await harness.jobs.waiting({ untouchedSince, limit: 5, afterId: first[0]!.id });
      expect([...first, ...rest]).toEqual(expected);
    });

    it('tells of jobs in any state which measuring task they wait for', async () => {
      const verification = { rounds: 1, measuringTaskIds: [randomUUID()], points: [] };
      const measuring = { state: 'running', stage: 'verify', measuringTaskId: randomUUID() } as const;
      const jobs = [await stored({ ...measuring, verification }), await stored({ state: 'cancelled' })];
      await stored();
      const found = await harness.jobs.measured([...jobs.map(({ id }) => id), randomUUID()]);
      expect(found).toHaveLength(2);
      for (const { id, teamId, owner, state, stage, measuringTaskId, verification } of jobs)
        expect(found).toContainEqual({ id, teamId, owner, state, stage, measuringTaskId, verification });
      expect(await harness.jobs.measured([])).toEqual([]);
    });

    it('finds unfinished jobs in some states, or of some ids', async () => {
      const queued = await stored();
      const running = await stored({ state: 'running', attempt: 1 });
      const cancelling = await stored({ state: 'cancelling', attempt: 1 });
      const idsOf = async (query: Partial<Parameters<typeof harness.jobs.unfinished>[0]>) =>
        (await harness.jobs.unfinished({ untouchedSince, limit: 9, ...query })).map(({ id }) => id).sort();
      expect(await idsOf({ states: ['running', 'cancelling'] })).toEqual([running.id, cancelling.id].sort());
      expect(await idsOf({ ids: [queued.id, running.id] })).toEqual([queued.id, running.id].sort());
      expect(await idsOf({ ids: [queued.id, running.id], states: ['queued'] })).toEqual([queued.id]);
      expect(await idsOf({ ids: [] })).toEqual([]);
    });
  });
}
