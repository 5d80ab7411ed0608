import { createHash, randomUUID } from 'node:crypto';
import type { Actor, Deployment, LatencyTable, ModelVersion } from '#contracts';
import { submission } from '#jobs';
import type { Storage } from '#storage';
import {
  aDataset,
  aDeployment,
  aJob,
  aJobRequest,
  aModel,
  aModelVersion,
  publishDraft,
  storedRegistry,
} from '#testkit';

export interface PublishOptions {
  readonly model?: string;
  readonly version?: Partial<ModelVersion>;
  readonly training?: object;
  /** Another deployment's device, measured once more. */
  readonly deployment?: Partial<Deployment>;
}

/** The next version of a model, trained by a job with settings, on a device whose latency table says what it deploys. */
export async function publishMeasured(
  storage: Storage,
  actor: Actor,
  { model = 'digits', version = {}, training = {}, deployment = {} }: PublishOptions = {},
): Promise<ModelVersion> {
  const registry = storedRegistry(storage);
  const dataset = aDataset(actor);
  await storage.datasets.create(dataset);
  const measured = await registry.newMeasurement(actor);
  const table = await storage.latencyTables.find(actor, measured.latencyTableId);
  const spec = aJobRequest({ model, datasetId: dataset.id, training });
  const job = aJob(actor, { id: randomUUID(), model, spec });
  await storage.jobs.create(submission(job));
  const lineage = {
    ...{ jobId: job.id, datasetId: dataset.id, datasetDigest: dataset.digest },
    calibrationId: measured.calibrationId,
  };
  // A model has one version of a bundle.
  const digest = createHash('sha256').update(job.id).digest('hex');
  const build = (number: number) => {
    const bundle = {
      digest,
      bytes: 2048,
      url: `/v1/models/${model}/versions/${number}/bundle`,
    };
    const bare = aModelVersion(actor, lineage, { model, version: number, bundle, ...version });
    const points = pointsOf(table!);
    return { ...bare, deployments: [aDeployment(bare, measured, { points, ...deployment })] };
  };
  const draft = { model: aModel(actor, { name: model }), digest, build };
  return publishDraft(registry.products, job.id, draft);
}

/** As the table measured them: dense at the fast point, half of the MACs at the slow one. */
function pointsOf({ cells }: LatencyTable): Deployment['points'] {
  const chosen = { fast: 0, slow: 0.5 } as const;
  return Object.entries(chosen).map(([operatingPoint, ratio]) => {
    const measured = (of: number) => {
      const cell = cells.find((each) => each.operatingPoint === operatingPoint && each.ratio === of)!;
      if ('stated' in cell.summary) throw new Error('the table was imported');
      return cell.summary;
    };
    return {
      ...{
        operatingPoint,
        ratio,
        accuracy: ratio === 0 ? 0.97 : 0.95,
        feasible: true,
        withinTolerance: true,
      },
      ...{ dense: measured(0), calibrated: measured(ratio) },
    };
  });
}
