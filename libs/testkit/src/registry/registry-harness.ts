import type { Actor, Deployment } from '#contracts';
import type { DatasetRepository, DriftRepository, ModelRepository } from '#registry';
import { aDeployment, aModel, aModelVersion } from './registry-fixtures.js';

/** The repositories of the registry, with makers of what their rows refer to. */
export interface RegistryParts {
  readonly models: ModelRepository;
  readonly datasets: DatasetRepository;
  readonly drifts: DriftRepository;
  /** Another job of `actor`, on a dataset of that actor, each time. */
  newJob(actor: Actor): Promise<{ jobId: string; datasetId: string }>;
  /** A device of `actor` that was measured and calibrated. */
  newMeasurement(
    actor: Actor,
  ): Promise<Pick<Deployment, 'deviceId' | 'deviceName' | 'calibrationId' | 'latencyTableId'>>;
}

export interface RegistryRepositoriesHarness extends RegistryParts {
  readonly actor: Actor;
  /** Of another team. */
  readonly stranger: Actor;
  close(): Promise<void>;
}

/** Publishes the next version of "digits", deployed on a device of its own unless `changes` name another. */
export async function publishDeployment(
  { models, newJob, newMeasurement }: Pick<RegistryParts, 'models' | 'newJob' | 'newMeasurement'>,
  actor: Actor,
  changes: Partial<Deployment> = {},
): Promise<Deployment> {
  const job = await newJob(actor);
  const measurement = await newMeasurement(actor);
  const { calibrationId } = measurement;
  const lineage = { ...job, datasetDigest: 'e'.repeat(64), calibrationId };
  const published = await models.publish(aModel(actor), job.jobId, (version) => {
    const bare = aModelVersion(actor, lineage, { version });
    return { ...bare, deployments: [aDeployment(bare, measurement, changes)] };
  });
  return published.deployments[0]!;
}
