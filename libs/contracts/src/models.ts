import { z } from 'zod';
import { Audit, Id, ImageInput, Name, PageQuery, Ratio, Sha256, Timestamp } from './common.js';
import { NetworkSpec } from './networks.js';
import { Stability } from './calibrations.js';
import { Candidate, RatioResult } from './jobs.js';
import { LatencySummary } from './measuring.js';
import { Description, Flag, TagChanges, TagFilter, Tags } from './tags.js';
import { VersionReference } from './version-reference.js';

export const DeploymentPoint = z.object({
  operatingPoint: z.string(),
  ratio: Ratio,
  accuracy: z.number().optional().describe('absent where it is not known'),
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

/** A ratio of a version. Whoever uploaded a bundle may not have said how accurate it is. */
export const VersionRatio = RatioResult.extend({
  accuracy: RatioResult.shape.accuracy.optional().describe('absent where it is not known'),
});
export type VersionRatio = z.infer<typeof VersionRatio>;

/** Of cards and reports of an uploaded bundle. */
export const AccuracyStated = z
  .literal(true)
  .optional()
  .describe(
    'accuracies of the ratios of the bundle are what the bundle states; nobody has checked them here',
  );

/** `job`: trained here; `upload`: a bundle that somebody brought. */
export const VersionSource = z.enum(['job', 'upload']);
export type VersionSource = z.infer<typeof VersionSource>;

const Deletion = {
  deletedAt: Timestamp.optional().describe('it can be restored until it is purged'),
  deletedBy: z.string().optional(),
};

/** Where a version comes from: of an upload no more is known than what was said. */
export const VersionLineage = z.object({
  jobId: Id.optional(),
  datasetId: Id.optional(),
  datasetDigest: Sha256.optional(),
  calibrationId: Id.optional(),
  parent: VersionReference.extend({ versionId: Id.optional() })
    .optional()
    .describe('the version that it was trained on, or derived from'),
});
export type VersionLineage = z.infer<typeof VersionLineage>;

/** Immutable but for its description and tags: anything that changes what is in it is another version. */
export const ModelVersion = Audit.extend({
  model: Name,
  version: z.number().int().min(1),
  source: VersionSource,
  description: Description,
  tags: Tags,
  bundle: z.object({ digest: Sha256, bytes: z.number().int(), url: z.string() }),
  network: NetworkSpec,
  input: ImageInput,
  classes: z.number().int(),
  ratios: z.array(VersionRatio),
  training: Candidate.omit({ bundle: true, ratios: true }).optional().describe('of a job'),
  lineage: VersionLineage,
  deployments: z.array(Deployment),
  ...Deletion,
});
export type ModelVersion = z.infer<typeof ModelVersion>;

/** A version that a job of this service trained. */
export const TrainedVersion = ModelVersion.extend({
  ratios: z.array(RatioResult),
  training: ModelVersion.shape.training.unwrap(),
});
export type TrainedVersion = z.infer<typeof TrainedVersion>;

export const Model = Audit.extend({
  name: Name,
  description: Description,
  tags: Tags,
  latestVersion: z.number().int().optional().describe('the newest that is not deleted'),
  ...Deletion,
});
export type Model = z.infer<typeof Model>;

/** A model without a version yet. */
export const CreateModel = z.strictObject({
  name: Name,
  description: Description.default(''),
  tags: Tags.default({}),
});
export type CreateModel = z.infer<typeof CreateModel>;

/** What is left out stays as it is. */
export const UpdateDescription = z
  .strictObject({ description: Description.optional(), tags: TagChanges.optional() })
  .refine((changes) => Object.keys(changes).length > 0, { message: 'expected description, tags or both' });
export type UpdateDescription = z.infer<typeof UpdateDescription>;

/** Makes a version of a bundle that was uploaded. */
export const PublishBundle = z.strictObject({
  digest: Sha256.describe('of the bundle, which was uploaded before'),
  description: Description.default(''),
  tags: Tags.default({}),
  parentVersion: VersionReference.optional().describe('what it was trained on, or derived from'),
});
export type PublishBundle = z.infer<typeof PublishBundle>;

/** Query of POST /v1/models/{name}/versions whose body is the bundle itself. */
export const PublishedBody = z.strictObject({
  description: Description.default(''),
  tag: TagFilter.optional(),
  parentVersion: z
    .string()
    .regex(/^[^/]+\/[1-9]\d{0,8}$/, 'expected MODEL/VERSION')
    .optional()
    .describe('MODEL/VERSION that it was trained on, or derived from'),
});
export type PublishedBody = z.infer<typeof PublishedBody>;

const DELETED = 'lists what is deleted but can be restored, too';

/** Query of GET /v1/models. */
export const ListModels = PageQuery.extend({
  name: z.string().min(1).max(63).optional().describe('what the name begins with'),
  tag: TagFilter.optional(),
  includeDeleted: Flag.optional().describe(DELETED),
});
export type ListModels = z.infer<typeof ListModels>;

/** Query of GET /v1/models/{name}/versions. */
export const ListVersions = PageQuery.extend({
  tag: TagFilter.optional(),
  includeDeleted: Flag.optional().describe(DELETED),
});
export type ListVersions = z.infer<typeof ListVersions>;

/** A version that lacks nothing but its number. */
export interface VersionDraft {
  /** Of the name; stored where the team has none of it yet. */
  readonly model: Model;
  /** Of the bundle: a model has one version of it. */
  readonly digest: string;
  readonly build: (version: number) => ModelVersion;
}
