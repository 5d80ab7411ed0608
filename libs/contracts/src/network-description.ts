import { z } from 'zod';

/** What a described network has at most. */
const MAX_LAYERS = 1_000;
const MAX_CHANNELS = 4_096;
const MAX_KERNEL = 31;

const LayerName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/,
    'expected 1 to 100 of letters, digits, ".", "_", "-", starting with a letter or digit',
  )
  .refine((name) => name !== 'input', {
    message: 'expected another name than "input", which stands for the images',
  })
  .describe('no other layer has it');
const LayerInput = z
  .string()
  .min(1)
  .max(100)
  .describe('name of a layer before this one, or "input" for the images');
const Channels = z.number().int().min(1).max(MAX_CHANNELS);

const Window = {
  kernel: z.number().int().min(1).max(MAX_KERNEL).describe('side of the square window, in pixels'),
  stride: z.number().int().min(1).max(MAX_KERNEL).default(1).describe('step of the window, in pixels'),
  padding: z.number().int().min(0).max(MAX_KERNEL).default(0).describe('pixels added on each side'),
};

const reading = <Kind extends string>(kind: Kind) => ({
  kind: z.literal(kind),
  name: LayerName,
  input: LayerInput,
});

const Conv = z.strictObject({
  ...reading('conv'),
  outChannels: Channels.describe('filters'),
  ...Window,
  dilation: z
    .number()
    .int()
    .min(1)
    .max(MAX_KERNEL)
    .optional()
    .describe("distance of the kernel's taps; 1 if absent"),
  groups: z
    .union([z.literal('depthwise'), Channels])
    .optional()
    .describe(
      'depthwise: every channel by itself, outChannels those of the input; a number above 1 keeps all around it unpruned; 1 if absent',
    ),
});
const Relu = z.strictObject({
  ...reading('relu'),
  max: z.literal(6).optional().describe('clips the output there too (ReLU6)'),
});
const Add = z.strictObject({
  kind: z.literal('add'),
  name: LayerName,
  inputs: z.tuple([LayerInput, LayerInput]).describe('two layers of one shape'),
});
const Concat = z.strictObject({
  kind: z.literal('concat'),
  name: LayerName,
  inputs: z.array(LayerInput).min(2).max(64).describe('layers of one image size, side by side in this order'),
});
const Dense = z.strictObject({
  ...reading('dense'),
  outFeatures: Channels.optional().describe("absent in the last layer, which has the dataset's classes"),
});

const LayerDescription = z.discriminatedUnion('kind', [
  Conv,
  z.strictObject(reading('batch-norm')),
  Relu,
  Add,
  Concat,
  z.strictObject({ ...reading('max-pool'), ...Window }),
  z.strictObject({ ...reading('average-pool'), ...Window }),
  z.strictObject(reading('global-average-pool')),
  Dense,
]);

/** A network layer by layer, for images and classes of any dataset that fits. */
export const NetworkDescription = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'expected 1 to 63 of letters, digits, ".", "_", "-"')
    .describe('what bundles and exported files call the network'),
  layers: z
    .array(LayerDescription)
    .min(1)
    .max(MAX_LAYERS)
    .describe('in execution order; the last one is dense and gives the logits'),
});
export type NetworkDescription = z.infer<typeof NetworkDescription>;
