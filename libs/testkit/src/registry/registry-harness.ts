import type { Actor, Deployment, ModelVersion, VersionDraft } from '#contracts';
import type { JobProducts } from '#jobs';
import type { AliasRepository, DatasetRepository, DriftRepository, ModelRepository } from '#registry';
import { aDeployment, aDraftOf, aModelVersion } from './registry-fixtures.js';

/** The repositories of the registry and what writes to them, with makers of what their rows refer to. */
export interface RegistryParts {
  readonly models: ModelRepository;
  readonly aliases: AliasRepository;
  readonly products: JobProducts;
  readonly datasets: DatasetRepository;
  readonly drifts: DriftRepository;
  /** Another job of `actor`, on a dataset of that actor, each time. */
  newJob(actor: Actor): Promise<{ jobId: string; datasetId: string }>;
  /** Has a team refer to a bundle, as after an upload. */
  haveBundle(actor: Actor, bundle: { readonly digest: string; readonly bytes: number }): Promise<void>;
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
  { products, newJob, newMeasurement }: Pick<RegistryParts, 'products' | 'newJob' | 'newMeasurement'>,
  actor: Actor,
  changes: Partial<Deployment> = {},
): Promise<Deployment> {
  const job = await newJob(actor);
  const measurement = await newMeasurement(actor);
  const { calibrationId } = measurement;
  const lineage = { ...job, datasetDigest: 'e'.repeat(64), calibrationId };
  const build = (version: number): ModelVersion => {
    const bare = aModelVersion(actor, lineage, { version });
    return { ...bare, deployments: [aDeployment(bare, measurement, changes)] };
  };
  const published = await publishDraft(products, job.jobId, aDraftOf(actor, build));
  return published.deployments[0]!;
}

/** Stores a version of a job, in whatever state that is, and ends the job with it; nothing is told of that. */
export function publishDraft(
  products: JobProducts,
  jobId: string,
  draft: VersionDraft,
): Promise<ModelVersion> {
  return products.publish(jobId, draft, (job, version) => {
    const after = job.version === version ? job : { ...job, state: 'succeeded' as const, version };
    return { job: after, events: [], messages: [] };
  });
}
