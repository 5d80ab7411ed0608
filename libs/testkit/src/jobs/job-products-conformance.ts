import { randomUUID } from 'node:crypto';
import { newAudit, type Actor, type Calibration, type Job, type ModelAddendum } from '#contracts';
import type { CalibrationRepository } from '#devices';
import { submission, WorkerReports, type JobProducts, type JobRepository } from '#jobs';
import type { AddendumRepository, ModelRepository } from '#registry';
import { aVersionDraft } from '../registry/registry-fixtures.js';
import { aCandidate, aJob, aJobRequest } from './job-fixtures.js';

export interface JobProductsHarness {
  readonly jobs: JobRepository;
  readonly products: JobProducts;
  readonly models: Pick<ModelRepository, 'findModel' | 'findVersion'>;
  readonly calibrations: CalibrationRepository;
  readonly addenda: AddendumRepository;
  readonly actor: Actor;
  /** A dataset of the actor. */
  readonly datasetId: string;
  /** Of a device of the actor that was measured; it is not stored. */
  newCalibration(): Promise<Calibration>;
  close(): Promise<void>;
}

/** What every JobProducts promises to workers. `open` gives empty ones. */
export function jobProductsConformance(name: string, open: () => Promise<JobProductsHarness>): void {
  describe(`${name} as what keeps what stages make`, () => {
    let harness: JobProductsHarness;
    let reports: WorkerReports;
    beforeEach(async () => {
      harness = await open();
      reports = new WorkerReports({ ...harness, now: () => new Date() });
    });
    afterEach(() => harness.close());

    /** A job that a worker's second attempt holds. */
    const held = async (changes: Partial<Job>): Promise<Job> => {
      const spec = aJobRequest({ datasetId: harness.datasetId });
      const job = aJob(harness.actor, { spec, state: 'running', attempt: 2, ...changes });
      await harness.jobs.create(submission(job));
      return job;
    };
    const current = async ({ id }: Job) => (await harness.jobs.load(id))!;
    const superseded = { code: 'attempt_superseded' };

    describe('calibrations', () => {
      const stored = ({ id }: Calibration) => harness.calibrations.find(harness.actor, id);
      const calibrating = () => held({ stage: 'calibrate', ratios: [] });

      it('are stored with the job that goes on by them, once however often it is told', async () => {
        const job = await calibrating();
        const calibration = await harness.newCalibration();
        const { id: calibrationId, ratios } = calibration;
        const calibrated = await reports.calibrated(job.id, 2, calibration);
        expect(await reports.calibrated(job.id, 2, calibration)).toEqual(calibrated);
        expect(await current(job)).toMatchObject({ state: 'queued', stage: 'train', calibrationId, ratios });
        expect(await stored(calibration)).toEqual(calibration);
      });

      it('of an attempt that has lost its job leave nothing', async () => {
        const job = await calibrating();
        const calibration = await harness.newCalibration();
        await expect(reports.calibrated(job.id, 1, calibration)).rejects.toMatchObject(superseded);
        expect(await stored(calibration)).toBeUndefined();
        expect(await current(job)).toEqual(job);
      });

      it('of a job that is not there are refused', async () => {
        const calibration = await harness.newCalibration();
        const refused = reports.calibrated(randomUUID(), 1, calibration);
        await expect(refused).rejects.toMatchObject({ code: 'not_found' });
        expect(await stored(calibration)).toBeUndefined();
      });
    });

    describe('versions', () => {
      const publishing = () => held({ stage: 'publish', candidate: aCandidate() });

      it('are stored with the end of their job, once however often it is told', async () => {
        const job = await publishing();
        const first = await reports.published(job.id, 2, aVersionDraft(job));
        expect(await reports.published(job.id, 2, aVersionDraft(job))).toEqual(first);
        expect(await current(job)).toMatchObject({ state: 'succeeded', version: 1 });
        expect(await harness.models.findVersion(harness.actor, 'digits', 1)).toEqual(first);
        const next = await publishing();
        expect((await reports.published(next.id, 2, aVersionDraft(next))).version).toBe(2);
      });

      it('of an attempt that has lost its job leave nothing, not even their number', async () => {
        const job = await publishing();
        await expect(reports.published(job.id, 1, aVersionDraft(job))).rejects.toMatchObject(superseded);
        expect(await current(job)).toEqual(job);
        expect(await harness.models.findModel(harness.actor, 'digits')).toBeUndefined();
        expect(await reports.published(job.id, 2, aVersionDraft(job))).toMatchObject({ version: 1 });
      });

      it('of a job that was cancelled leave nothing', async () => {
        const job = await publishing();
        const cancelled = { ...job, state: 'cancelled' as const };
        await harness.jobs.update(job.id, () => ({ job: cancelled, events: [], messages: [] }));
        await expect(reports.published(job.id, 2, aVersionDraft(job))).rejects.toMatchObject(superseded);
        expect(await harness.models.findModel(harness.actor, 'digits')).toBeUndefined();
      });
    });

    describe('addenda', () => {
      const stored = () => harness.addenda.list(harness.actor, { model: 'digits', version: 1 });
      /** A job that derives a ratio of version 1, which has 0 and 0.5. */
      const deriving = async (ratio = 0.2) => {
        if ((await harness.models.findVersion(harness.actor, 'digits', 1)) === undefined) {
          const trained = await held({ stage: 'publish', candidate: aCandidate() });
          await reports.published(trained.id, 2, aVersionDraft(trained));
        }
        const derivation = { model: 'digits', version: 1, ratios: [ratio] };
        return held({ stage: 'derive', derivation, ratios: [ratio] });
      };

      it('are added with the end of their job, once however often it is told', async () => {
        const job = await deriving();
        const first = await reports.derived(job.id, 2, anAddendum(job));
        expect(await reports.derived(job.id, 2, anAddendum(job))).toEqual(first);
        const { digest } = first;
        expect(await current(job)).toMatchObject({ state: 'succeeded', derivation: { addendum: digest } });
        expect(await stored()).toEqual([first]);
        expect(await harness.addenda.list(harness.actor, { model: 'digits', version: 2 })).toEqual([]);
      });

      it('of an attempt that has lost its job leave nothing', async () => {
        const job = await deriving();
        await expect(reports.derived(job.id, 1, anAddendum(job))).rejects.toMatchObject(superseded);
        expect(await current(job)).toEqual(job);
        expect(await stored()).toEqual([]);
      });

      it('add no ratio that the version has, from its bundle or from another addendum', async () => {
        const [trained, one, other] = [await deriving(0.5), await deriving(), await deriving()];
        const taken = { code: 'already_exists' };
        await expect(reports.derived(trained.id, 2, anAddendum(trained))).rejects.toMatchObject(taken);
        const both = [one, other].map((job) => reports.derived(job.id, 2, anAddendum(job)));
        const settled = await Promise.allSettled(both);
        expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
        expect(settled.find(({ status }) => status === 'rejected')).toMatchObject({ reason: taken });
        expect(await stored()).toHaveLength(1);
      });

      it('of a version that is not there are refused', async () => {
        const job = await deriving();
        const refused = reports.derived(job.id, 2, { ...anAddendum(job), version: 9 });
        await expect(refused).rejects.toMatchObject({ code: 'not_found' });
      });
    });
  });
}

/** Of the job's ratios, as a worker would have made it. */
function anAddendum(job: Job): ModelAddendum {
  const { model, version, ratios } = job.derivation!;
  const digest = randomUUID().replaceAll('-', '').padEnd(64, '0');
  const [result] = aCandidate().ratios;
  return {
    ...newAudit(job, randomUUID(), new Date()),
    ...{ model, version, digest, bytes: 100, testImages: 200, jobId: job.id },
    url: `/v1/models/${model}/versions/${version}/addenda/${digest}`,
    ratios: ratios.map((ratio) => ({ ...result!, ratio, derived: true })),
  };
}
