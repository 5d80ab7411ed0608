import type { Calibration, Job, ModelAddendum, ModelVersion, VersionDraft } from '#contracts';
import type { Transition } from './lifecycle/transitions.js';

/**
 * What stages make beside their jobs. It is written in the transaction in which its job goes on, so that it is there where the job has
 * gone on by it, and nowhere else: an attempt that has lost its job, or dies, leaves nothing behind.
 */
export interface JobProducts {
  /**
   * As `JobRepository.update`; stores the calibration too, where the job changes.
   * @throws AppError not_found, or what `decide` throws
   */
  calibrate(jobId: string, calibration: Calibration, decide: (job: Job) => Transition): Promise<Transition>;

  /**
   * As `JobRepository.update`; gives the model its next version number and stores the version that the draft builds for it, with its
   * deployments. Of a model that its team has already, only `latestVersion` and `updatedAt` change. When the job has a version, that
   * one is told to `decide` and returned, and none is written.
   * @throws AppError not_found, or what `decide` or the draft throws: nothing is written then
   */
  publish(
    jobId: string,
    draft: VersionDraft,
    decide: (job: Job, version: number) => Transition,
  ): Promise<ModelVersion>;

  /**
   * As `JobRepository.update`; adds the ratios to the version that they are of. When the job has an addendum, that one is told to
   * `decide` and returned, and none is written.
   * @throws AppError not_found, also for a version that is not there; already_exists for a ratio that the version has, from its
   * bundle or from an addendum; or what `decide` throws: nothing is written then
   */
  derive(
    jobId: string,
    addendum: ModelAddendum,
    decide: (job: Job, addendum: ModelAddendum) => Transition,
  ): Promise<ModelAddendum>;
}
