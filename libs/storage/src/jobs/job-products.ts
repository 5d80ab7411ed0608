import type { Calibration, Job, ModelVersion, VersionDraft } from '#contracts';
import type { JobProducts, Transition } from '#jobs';
import type { ArtifactReferences } from '../artifacts/artifact-references.js';
import { insertCalibration } from '../devices/calibration.repository.js';
import { publishOfJob } from '../registry/publish-version.js';
import type { PostgresJobRepository } from './job.repository.js';

/** Calibrations and versions of jobs, written with the jobs in PostgreSQL. A model's row is locked behind the job's. */
export class PostgresJobProducts implements JobProducts {
  constructor(
    private readonly jobs: PostgresJobRepository,
    private readonly references: ArtifactReferences,
  ) {}

  calibrate(jobId: string, calibration: Calibration, decide: (job: Job) => Transition): Promise<Transition> {
    return this.jobs.update(jobId, async (job, tx) => {
      const decided = decide(job);
      if (decided.job !== job) await insertCalibration(tx, calibration);
      return decided;
    });
  }

  async publish(
    jobId: string,
    draft: VersionDraft,
    decide: (job: Job, version: number) => Transition,
  ): Promise<ModelVersion> {
    const stored: ModelVersion[] = [];
    await this.jobs.update(jobId, async (job, tx) => {
      const { version } = await publishOfJob(tx, this.references, jobId, draft);
      stored.push(version);
      return decide(job, version.version);
    });
    return stored[0]!;
  }
}
