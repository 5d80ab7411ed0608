import type { Calibration, Job, ModelVersion, VersionDraft } from '#contracts';
import type { JobProducts, Transition } from '#jobs';
import { MemoryCalibrations } from '../devices/memory-devices.js';
import { MemoryModels } from '../registry/memory-models.js';
import type { MemoryJobStore } from './memory-job-store.js';

/** Calibrations and versions in memory, written with the jobs of a store; held to the same suite as the real ones. */
export class MemoryJobProducts implements JobProducts {
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
}
