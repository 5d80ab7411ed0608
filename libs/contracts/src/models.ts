import { z } from 'zod';
import { Audit, Id, ImageInput, Name, Ratio, Sha256 } from './common.js';
import { NetworkSpec } from './networks.js';
import { Stability } from './calibrations.js';
import { Candidate, RatioResult } from './jobs.js';
import { LatencySummary } from './measuring.js';

export const DeploymentPoint = z.object({
  operatingPoint: z.string(),
  ratio: Ratio,
  accuracy: z.number(),
  dense: LatencySummary,
  calibrated: LatencySummary,
  feasible: z.boolean().describe('by the calibration, before training'),
  withinTolerance: z
    .boolean()
    .describe(
      'verified p50 within the tolerance of the target; under `deadline`, its interval below the target',
    ),
});

/** A version on a device: which ratio runs at which operating point, as verified by measurement. */
export const Deployment = Audit.extend({
  model: Name,
  version: z.number().int(),
  deviceId: Id,
  deviceName: Name,
  calibrationId: Id,
  latencyTableId: Id.describe(
    'the first verification measurements: the dense network and the chosen one at every operating point',
  ),
  latencyTableIds: z.array(Id).describe('all of them, round by round'),
  targetMs: z.number(),
  tolerance: z.number(),
  emulated: z.boolean(),
  points: z.array(DeploymentPoint),
  stability: z.object({ dense: Stability, calibrated: Stability }),
});
export type Deployment = z.infer<typeof Deployment>;

/** Immutable: anything that changes what is in it is another version. */
export const ModelVersion = Audit.extend({
  model: Name,
  version: z.number().int().min(1),
  bundle: z.object({ digest: Sha256, bytes: z.number().int(), url: z.string() }),
  network: NetworkSpec,
  input: ImageInput,
  classes: z.number().int(),
  ratios: z.array(RatioResult),
  training: Candidate.omit({ bundle: true, ratios: true }),
  lineage: z.object({ jobId: Id, datasetId: Id, datasetDigest: Sha256, calibrationId: Id.optional() }),
  deployments: z.array(Deployment),
});
export type ModelVersion = z.infer<typeof ModelVersion>;

export const Model = Audit.extend({ name: Name, latestVersion: z.number().int() });
export type Model = z.infer<typeof Model>;

/** A version that lacks nothing but its number. */
export interface VersionDraft {
  /** Of the name; stored where the team has none of it yet. */
  readonly model: Model;
  readonly build: (version: number) => ModelVersion;
}
