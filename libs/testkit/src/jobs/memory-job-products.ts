import {
  AppError,
  notFound,
  type Actor,
  type Calibration,
  type Job,
  type ModelAddendum,
  type ModelVersion,
  type VersionDraft,
  type VersionReference,
} from '#contracts';
import type { JobProducts, Transition } from '#jobs';
import { MemoryCalibrations } from '../devices/memory-devices.js';
import { MemoryModels } from '../registry/memory-models.js';
import type { MemoryJobStore } from './memory-job-store.js';

/** Calibrations, versions and addenda in memory, written with the jobs of a store; held to the same suite as the real ones. */
export class MemoryJobProducts implements JobProducts {
  private readonly addenda: ModelAddendum[] = [];

  constructor(
    private readonly jobs: MemoryJobStore,
    readonly models = new MemoryModels(),
    readonly calibrations = new MemoryCalibrations(),
  ) {}

  calibrate(jobId: string, calibration: Calibration, decide: (job: Job) => Transition): Promise<Transition> {
    return this.jobs.update(jobId, (job) => {
      const decided = decide(job);
      if (decided.job !== job) void this.calibrations.create(calibration);
      return decided;
    });
  }

  async publish(
    jobId: string,
    draft: VersionDraft,
    decide: (job: Job, version: number) => Transition,
  ): Promise<ModelVersion> {
    const stored: ModelVersion[] = [];
    await this.jobs.update(jobId, (job) => {
      const { version, store } = this.models.nextOf(jobId, draft);
      const decided = decide(job, version.version);
      store();
      stored.push(version);
      return decided;
    });
    return stored[0]!;
  }

  async derive(
    jobId: string,
    addendum: ModelAddendum,
    decide: (job: Job, addendum: ModelAddendum) => Transition,
  ): Promise<ModelAddendum> {
    const { model, version } = addendum;
    const found = await this.models.findVersion(addendum, model, version);
    const stored: ModelAddendum[] = [];
    await this.jobs.update(jobId, (job) => {
      const known = this.addenda.find((each) => each.jobId === jobId);
      if (known === undefined) this.check(addendum, found);
      const decided = decide(job, known ?? addendum);
      if (known === undefined) this.addenda.push(addendum);
      stored.push(known ?? addendum);
      return decided;
    });
    return stored[0]!;
  }

  /** Of a version, oldest first. */
  addendaOf({ teamId }: Actor, { model, version }: VersionReference): ModelAddendum[] {
    return this.addenda.filter(
      (each) => each.teamId === teamId && each.model === model && each.version === version,
    );
  }

  private check(addendum: ModelAddendum, version: ModelVersion | undefined): void {
    if (version === undefined) throw notFound('model version', `${addendum.model}/${addendum.version}`);
    const all = [version, ...this.addendaOf(version, version)].flatMap(({ ratios }) => ratios);
    const taken = addendum.ratios.find(({ ratio }) => all.some((each) => each.ratio === ratio));
    if (taken) throw new AppError('already_exists', `the version has ratio ${taken.ratio} already`);
  }
}
