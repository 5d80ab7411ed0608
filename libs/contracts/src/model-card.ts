import { z } from 'zod';
import { CalibrationMode, Stability } from './calibrations.js';
import { Id, ImageInput, Name, Ratio, Sha256, Timestamp } from './common.js';
import { DatasetFormat, DatasetSplit } from './datasets.js';
import { OperatingPoint } from './devices.js';
import { LatencySummary } from './measuring.js';
import { Candidate } from './jobs.js';
import { NetworkSpec } from './networks.js';
import { TrainingOptions } from './training.js';
import { AccuracyStated, VersionRatio } from './models.js';
import { VersionReference } from './version-reference.js';

/** Changes when a reader of older cards would misread a newer one. */
export const MODEL_CARD_FORMAT = 'isochron-model-card/1';

const CardRatio = VersionRatio.pick({
  ratio: true,
  accuracy: true,
  macs: true,
  parameters: true,
  derived: true,
}).extend({
  macsLeft: z.number().describe('share of the MACs of the dense network, 0..1'),
  addendum: Sha256.optional().describe('file beside the bundle that brought the ratio'),
});

const CardDataset = z.object({
  id: Id.optional(),
  digest: Sha256,
  gone: z.literal(true).optional().describe('deleted since: only its digest is known'),
  name: Name.optional(),
  format: DatasetFormat.optional(),
  trainImages: z.number().int().optional(),
  testImages: z.number().int().optional(),
  split: DatasetSplit.optional(),
  classNames: z.array(z.string()).optional(),
  classCounts: z.array(z.number().int()).optional().describe('training images per class'),
});

const CardTraining = Candidate.omit({ bundle: true, ratios: true, comparison: true })
  .partial()
  .extend({
    jobId: Id.optional(),
    jobGone: z.literal(true).optional().describe('deleted since: its settings are not known any more'),
    options: TrainingOptions.optional(),
    schedule: z.array(Ratio).optional().describe('ratios that were trained jointly'),
    parent: VersionReference.optional().describe('the version that it went on from'),
  });

/** How the latencies of one deployment came to be; every different value that its cells have. */
export const MeasuringConditions = z.object({
  emulated: z.boolean(),
  clockControllers: z.array(z.string()),
  runners: z.array(z.string()).describe('name and version'),
  agentVersions: z.array(z.string()),
  machines: z.array(z.string()),
  batches: z.array(z.number().int()),
  threads: z.array(z.number().int()),
  measuredFrom: Timestamp.optional(),
  measuredUntil: Timestamp.optional(),
  throttledCells: z.number().int(),
  driftedCells: z.number().int(),
});
export type MeasuringConditions = z.infer<typeof MeasuringConditions>;

/** Where one latency of a card comes from. */
export const LatencyOrigin = z.object({
  tier: z
    .enum(['real', 'emulated', 'simulated'])
    .optional()
    .describe(
      "real: the device's own clocks; emulated: CPU time was taken away; simulated: replayed from a recorded table; not there " +
        'where an imported table does not say',
    ),
  pinned: z
    .boolean()
    .optional()
    .describe("whether the agent set the device's own clocks and read them back; imported tables do not say"),
  samples: z.number().int(),
  measuredAt: Timestamp.optional(),
  onnxDigest: Sha256.optional().describe('of the network file that was measured'),
  latencyTable: z.object({
    id: Id,
    digest: Sha256.describe('SHA-256 of the canonical JSON (RFC 8785) of its cells'),
    cell: z.number().int().describe('index of the cell, which has all else'),
  }),
});
export type LatencyOrigin = z.infer<typeof LatencyOrigin>;

const CardDeployment = z.object({
  id: Id,
  createdAt: Timestamp,
  device: z.object({
    id: Id,
    name: z.string(),
    model: z.string().optional(),
    soc: z.string().optional(),
    gone: z.literal(true).optional(),
  }),
  targetMs: z.number(),
  tolerance: z.number(),
  mode: CalibrationMode.optional().describe(
    '`deadline`: points are to stay below the target, tolerance or not',
  ),
  emulated: z.boolean(),
  points: z.array(
    z.object({
      operatingPoint: z.string(),
      clocks: OperatingPoint.optional(),
      ratio: Ratio,
      accuracy: z.number().optional(),
      dense: LatencySummary,
      calibrated: LatencySummary,
      withinTolerance: z.boolean(),
      origin: z
        .object({ dense: LatencyOrigin.optional(), calibrated: LatencyOrigin.optional() })
        .optional()
        .describe('of the two latencies; not there where the latency tables are gone'),
    }),
  ),
  stability: z.object({ dense: Stability, calibrated: Stability }),
  conditions: MeasuringConditions.optional().describe('not there where the latency tables are gone'),
});
export type CardDeployment = z.infer<typeof CardDeployment>;

/** What is known of a version, for whoever is to use it: nothing in it that was not measured or stated. */
export const ModelCard = z.object({
  format: z.literal(MODEL_CARD_FORMAT),
  model: Name,
  version: z.number().int(),
  createdAt: Timestamp,
  owner: z.string(),
  description: z.string().optional().describe('intended use, in the words of whoever published it'),
  tags: z.record(z.string(), z.string()),
  bundle: z.object({ digest: Sha256, bytes: z.number().int(), url: z.string() }),
  network: NetworkSpec,
  input: ImageInput,
  classes: z.number().int(),
  dataset: CardDataset.optional(),
  training: CardTraining,
  ratios: z.array(CardRatio),
  accuracyStated: AccuracyStated,
  deployments: z.array(CardDeployment).describe('the newest of every device'),
  limits: z.array(z.string()).describe('what the figures do not say, and what was not reached'),
});
export type ModelCard = z.infer<typeof ModelCard>;
