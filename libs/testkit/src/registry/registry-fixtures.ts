import { randomBytes, randomUUID } from 'node:crypto';
import {
  newAudit,
  type Actor,
  type Candidate,
  type Deployment,
  type Job,
  type Model,
  type ModelVersion,
  type VersionDraft,
} from '#contracts';
import { aSummary } from '../devices/device-fixtures.js';
import { aCandidate } from '../jobs/job-fixtures.js';

export function aModel(actor: Actor, changes: Partial<Model> = {}): Model {
  return {
    ...newAudit(actor, randomUUID(), new Date()),
    ...{ name: 'digits', description: '', tags: {} },
    ...changes,
  };
}

export function aModelVersion(
  actor: Actor,
  lineage: ModelVersion['lineage'],
  changes: Partial<ModelVersion> = {},
): ModelVersion {
  const { bundle: _, ratios, ...training } = aCandidate();
  return {
    ...newAudit(actor, randomUUID(), new Date()),
    ...{ model: 'digits', version: 1, source: 'job', description: '', tags: {} },
    bundle: { ...aBundle(), url: '/v1/models/digits/versions/1/bundle' },
    network: { family: 'resnet', depth: 8, widthMultiplier: 0.25 },
    input: { channels: 1, height: 28, width: 28 },
    classes: 10,
    ratios,
    training,
    lineage,
    deployments: [],
    ...changes,
  };
}

/** A bundle that no other version is of. No file belongs to it. */
export function aBundle(): Candidate['bundle'] {
  return { digest: randomBytes(32).toString('hex'), bytes: 2048 };
}

/** A draft of the version that `build` makes, whatever bundle it is of. */
export function aDraftOf(
  actor: Actor,
  build: VersionDraft['build'],
  changes: Partial<Model> = {},
): VersionDraft {
  const { bundle } = build(1);
  return {
    model: aModel(actor, changes),
    digest: bundle.digest,
    build: (version) => ({ ...build(version), bundle }),
  };
}

/** The version of a job, without deployments. */
export function aVersionDraft(job: Job): VersionDraft {
  const { datasetId } = job.spec;
  const lineage = { jobId: job.id, datasetId, datasetDigest: 'e'.repeat(64) };
  return aDraftOf(job, (version) => aModelVersion(job, lineage, { version }));
}

export function aDeployment(
  version: ModelVersion,
  refers: Pick<Deployment, 'deviceId' | 'deviceName' | 'calibrationId' | 'latencyTableId'>,
  changes: Partial<Deployment> = {},
): Deployment {
  return {
    ...newAudit(version, randomUUID(), new Date()),
    model: version.model,
    version: version.version,
    ...refers,
    latencyTableIds: [refers.latencyTableId],
    targetMs: 10,
    tolerance: 0.05,
    emulated: true,
    points: [aDeploymentPoint('slow')],
    stability: {
      dense: { spread: 2, varianceMs2: 25, cov: 0.3 },
      calibrated: { spread: 1, varianceMs2: 0, cov: 0 },
    },
    ...changes,
  };
}

export function aDeploymentPoint(operatingPoint: string, p50Ms = 10): Deployment['points'][number] {
  const verified = { dense: aSummary(2 * p50Ms), calibrated: aSummary(p50Ms) };
  return { operatingPoint, ratio: 0.5, accuracy: 0.95, ...verified, feasible: true, withinTolerance: true };
}
