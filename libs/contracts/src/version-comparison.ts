import { z } from 'zod';
import { Stability } from './calibrations.js';
import { Id, ImageInput, Name, Ratio, Sha256, Timestamp } from './common.js';

const ComparedVersion = z.object({
  model: Name,
  version: z.number().int(),
  url: z.string(),
  createdAt: Timestamp,
  owner: z.string(),
  network: z.string(),
  input: ImageInput,
  classes: z.number().int(),
  bundle: z.object({ digest: Sha256, bytes: z.number().int() }),
  datasetDigest: Sha256.optional(),
  testImages: z.number().int().optional(),
  jobId: Id.optional(),
});
export type ComparedVersion = z.infer<typeof ComparedVersion>;

/** Of one version; null where it has nothing there. In the order of `versions`. */
const perVersion = <T extends z.ZodType>(entry: T) => z.array(entry.nullable());

const ComparedRatio = z.object({
  ratio: Ratio,
  entries: perVersion(
    z.object({
      accuracy: z.number().optional(),
      accuracyDifference: z.number().optional().describe('to the first version, where both have one'),
      macs: z.number().int(),
      parameters: z.number().int(),
      derived: z.boolean(),
    }),
  ),
});
export type ComparedRatio = z.infer<typeof ComparedRatio>;

const ComparedPoint = z.object({
  operatingPoint: z.string(),
  entries: perVersion(
    z.object({
      ratio: Ratio,
      accuracy: z.number().optional(),
      p50Ms: z.number(),
      p50LowMs: z.number().describe('95 % interval of the median'),
      p50HighMs: z.number(),
      denseP50Ms: z.number(),
      samples: z.number().int(),
      withinTolerance: z.boolean(),
      differenceMs: z.number().optional().describe('of p50 to the first version that has the point'),
      intervalsOverlap: z
        .boolean()
        .optional()
        .describe('with that version: where they do, the difference may be chance'),
    }),
  ),
});
export type ComparedPoint = z.infer<typeof ComparedPoint>;

const ComparedDevice = z.object({
  deviceId: Id,
  deviceName: z.string(),
  deployments: perVersion(
    z.object({
      id: Id,
      createdAt: Timestamp,
      targetMs: z.number(),
      tolerance: z.number(),
      emulated: z.boolean(),
      batches: z.array(z.number().int()).describe('images in one run; a latency is of one run'),
      stability: z.object({ dense: Stability, calibrated: Stability }),
    }),
  ),
  points: z.array(ComparedPoint),
});
export type ComparedDevice = z.infer<typeof ComparedDevice>;

/** A setting that not all versions share. */
const SettingDifference = z.object({
  setting: z.string().describe('path in what the job was asked for, `training.learningRate` say'),
  values: z.array(z.unknown()).describe('one for each version; null where it has none'),
});
export type SettingDifference = z.infer<typeof SettingDifference>;

/** Versions side by side; the first is what the others are held to. */
export const VersionComparison = z.object({
  versions: z.array(ComparedVersion),
  ratios: z.array(ComparedRatio),
  devices: z.array(ComparedDevice),
  settings: z.array(SettingDifference),
  notes: z.array(z.string()).describe('what has to be known before figures are set beside each other'),
});
export type VersionComparison = z.infer<typeof VersionComparison>;

/** `3,7` or `digits/3,letters/1`: versions of the model that the path names, or of the one before the slash. */
export const CompareVersionsQuery = z.object({
  versions: z
    .string()
    .max(1000)
    .regex(
      /^([a-z0-9][a-z0-9._-]{0,62}\/)?[1-9]\d{0,8}(,([a-z0-9][a-z0-9._-]{0,62}\/)?[1-9]\d{0,8}){1,9}$/,
      'expected 2 to 10 versions, separated by commas: 3,7 or digits/3,letters/1',
    )
    .describe(
      '2 to 10 of them, separated by commas, each a number or MODEL/NUMBER; the first is what the others are held to',
    ),
});
export type CompareVersionsQuery = z.infer<typeof CompareVersionsQuery>;
