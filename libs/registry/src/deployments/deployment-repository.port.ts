import type {
  Actor,
  Calibration,
  Deployment,
  DeploymentOutcome,
  ListDeployments,
  MeasuringTask,
  Page,
  VersionDeployment,
  VersionReference,
} from '#contracts';

/** A deployment with the calibration that it is by; they are stored together. */
export interface MadeDeployment {
  readonly calibration: Calibration;
  readonly deployment: Deployment;
}

/** Why there is none. */
export type FailedDeployment = Extract<DeploymentOutcome, { error: unknown }>;

/** Deployments of versions that are there already, and what is ordered of measuring tasks. */
export interface DeploymentRepository {
  /** Newest first, of one device if asked; none of a version that the team has not. */
  list(actor: Actor, version: VersionReference, query: ListDeployments): Promise<Page<VersionDeployment>>;

  newest(
    actor: Actor,
    place: VersionReference & { readonly deviceId: string },
  ): Promise<Deployment | undefined>;

  /** @throws AppError not_found for a version that is not there; an error where there is a deployment with the id */
  create(made: MadeDeployment): Promise<void>;

  /**
   * Stores what came of a task's order, and the deployment with it. Of a task that has an outcome nothing changes, so that a task makes
   * one deployment however often, and by however many processes, it is settled.
   * @throws AppError not_found for a version that is not there
   */
  settle(taskId: string, outcome: MadeDeployment | FailedDeployment): Promise<void>;

  /** Completed tasks of all teams whose orders have no outcome, by ascending id. */
  unsettled(query: { readonly completedBefore: Date; readonly limit: number }): Promise<MeasuringTask[]>;
}
