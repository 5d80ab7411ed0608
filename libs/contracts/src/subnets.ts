import { z } from 'zod';
import { Id, ImageInput, Name, Ratio, Sha256 } from './common.js';
import { LatencySummary } from './measuring.js';

const LARGEST_BATCH = 1024;
const OF_A_DEVICE = 'an operating point is one of a device';
const ONE_FILE = 'a file is that of one subnet';

const Format = z.enum(['onnx', 'tfjs']);
const Batch = z.union([z.literal('dynamic'), z.coerce.number().int().min(1).max(LARGEST_BATCH)], {
  error: `expected "dynamic", or a whole number from 1 to ${LARGEST_BATCH}`,
});
const BatchNormHandling = z.enum(['folded', 'kept']);

/** Query of GET /v1/models/{name}/versions/{version}/subnets. */
export const ListSubnets = z
  .strictObject({
    operatingPoint: Name.optional().describe('only the subnet that runs at this point of the device'),
    deviceId: Id.optional().describe('the device of the operating point'),
    format: Format.optional().describe('leads to the file of the subnet that runs there'),
    batch: Batch.optional().describe('of that file, as its download takes it'),
    batchNorm: BatchNormHandling.optional().describe('of that file, as its download takes it'),
  })
  .superRefine(({ operatingPoint, deviceId, format, batch, batchNorm }, context) => {
    const lacks = (field: string, why: string) =>
      context.addIssue({ code: 'custom', path: [field], message: `expected ${field} too: ${why}` });
    if (operatingPoint !== undefined && deviceId === undefined) lacks('deviceId', OF_A_DEVICE);
    if (operatingPoint === undefined && deviceId !== undefined) lacks('operatingPoint', OF_A_DEVICE);
    if (operatingPoint === undefined && deviceId === undefined && format !== undefined)
      lacks('operatingPoint', ONE_FILE);
    if (format === undefined && (batch ?? batchNorm) !== undefined) lacks('format', 'they are of a file');
  });
export type ListSubnets = z.infer<typeof ListSubnets>;

/** Query of GET /v1/models/{name}/versions/{version}/subnets/{ratio}. */
export const ExportQuery = z.strictObject({
  format: Format.default('onnx').describe(
    'onnx: one file; tfjs: a tar of model.json and the files of its weights, a graph model',
  ),
  batch: Batch.default('dynamic').describe(
    'images of one run of an onnx file, 1 to 1024, or as many as a run brings; tfjs takes any',
  ),
  batchNorm: BatchNormHandling.default('folded').describe(
    'folded into the filters before it where that can be, or layers of its own',
  ),
});
export type ExportQuery = z.infer<typeof ExportQuery>;

/** A small dense network that a version has. */
export const VersionSubnet = z.object({
  ratio: Ratio,
  accuracy: z.number().optional().describe('top-1 on test images, 0..1; absent where it is not known'),
  macs: z.number().int(),
  parameters: z.number().int(),
  derived: z.boolean().describe('not trained: threshold solved, BatchNorm recalibrated'),
  addendum: Sha256.optional().describe(
    "digest of the addendum's file; absent where the bundle has the ratio",
  ),
  url: z.string().describe('of its ONNX file; with `?format=tfjs` of a model for TensorFlow.js'),
});
export type VersionSubnet = z.infer<typeof VersionSubnet>;

/** Why a subnet is the one for an operating point. */
export const SubnetChoice = z.object({
  deploymentId: Id.describe('the newest of the version on the device'),
  deviceId: Id,
  operatingPoint: z.string(),
  calibrated: LatencySummary.describe('what the subnet took there'),
  withinTolerance: z.boolean(),
});
export type SubnetChoice = z.infer<typeof SubnetChoice>;

/** What can be had of a version. */
export const VersionSubnets = z.object({
  model: Name,
  version: z.number().int().min(1),
  input: ImageInput,
  classes: z.number().int(),
  onnxOpset: z.number().int(),
  subnets: z.array(VersionSubnet).describe('ascending by ratio'),
  chosenBy: SubnetChoice.optional().describe('where one was asked for by an operating point'),
});
export type VersionSubnets = z.infer<typeof VersionSubnets>;
