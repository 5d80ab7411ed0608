import { z } from 'zod';

/** What a job may be trained by. */
export const Executor = z.enum(['onnxruntime', 'tfjs']);

/** The providers of every executor, the one that a job would rather get first. */
export const ENGINE_PROVIDERS = {
  onnxruntime: ['cuda', 'webgpu', 'cpu'],
  tfjs: ['tensorflow-gpu', 'tensorflow', 'wasm', 'cpu'],
} as const satisfies Record<z.infer<typeof Executor>, readonly string[]>;

const Threads = z.number().int().min(1).max(256);

/** What runs the training; whatever is left out is the worker's choice. Other engines and threads give other bits. */
export const EngineChoice = z
  .strictObject({
    executor: Executor.optional().describe('default: the best that the worker has'),
    provider: z
      .enum(['cuda', 'webgpu', 'cpu', 'tensorflow-gpu', 'tensorflow', 'wasm'])
      .optional()
      .describe('of the executor, which has to be named too; default: the best that the worker has'),
    threads: Threads.optional().describe(
      "CPU threads; default: the worker's cores, shared out evenly among the trainings that it runs at once",
    ),
  })
  .superRefine(({ executor, provider }, context) => {
    if (provider === undefined) return;
    const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['provider'], message });
    if (executor === undefined) refuse('expected an executor beside it');
    else if (!ENGINE_PROVIDERS[executor].some((known) => known === provider)) {
      refuse(`expected one of ${ENGINE_PROVIDERS[executor].join(', ')} with executor ${executor}`);
    }
  });
export type EngineChoice = z.infer<typeof EngineChoice>;

/** AdamW moves every weight by about the learning rate whatever its gradient is: more than this tears networks apart. */
const MAX_ADAMW_LEARNING_RATE = 0.02;

/** What varies training images from epoch to epoch; docs/datasets.md says when to use it. */
const Augmentation = z.strictObject({
  crop: z
    .number()
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe(
      'black pixels around an image, before it is cut to its size at a random place; default: no crop',
    ),
  flip: z
    .boolean()
    .optional()
    .describe('mirror every second image, by chance, left to right; default: false'),
});

/** When accuracy is measured while a network is trained, which changes no bit of it. */
export const TrainingEvaluation = z.strictObject({
  everyEpochs: z
    .number()
    .int()
    .min(0)
    .max(1000)
    .default(1)
    .describe('of every phase; 0: at the end of the training alone'),
  images: z.number().int().min(1).max(10_000).default(1000).describe('the first N test images at most'),
});
export type TrainingEvaluation = z.infer<typeof TrainingEvaluation>;

/** Every option by itself. */
export const TrainingFields = z.strictObject({
  method: z
    .enum(['all-in-one', 'uniform-slimmable'])
    .default('all-in-one')
    .describe('how widths are found: by a learned mask, or the same share of every channel group (US-Net)'),
  warmupEpochs: z.number().int().min(0).max(1000).default(0).describe('of the dense network'),
  maskEpochs: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(1)
    .describe(
      'of the mask, with the weights; with method uniform-slimmable, which has none, they are warm-up epochs (joint ones with maskedRatios all)',
    ),
  jointEpochs: z.number().int().min(1).max(1000).default(4).describe('of the subnets of all ratios together'),
  batchSize: z.number().int().min(2).max(1024).default(64).describe('images in one step'),
  optimizer: z.enum(['sgd', 'adamw']).default('sgd').describe('of the weights; the mask is learned by SGD'),
  learningRate: z.number().positive().max(10).default(0.2).describe('peak; at most 0.02 with adamw'),
  learningRateWarmupEpochs: z
    .number()
    .min(0)
    .max(1000)
    .optional()
    .describe('epochs until the learning rate peaks; default: 50 steps, or a tenth of a shorter training'),
  momentum: z.number().min(0).max(0.999).default(0.9).describe('of SGD'),
  nesterov: z.boolean().default(false).describe('of SGD'),
  beta1: z.number().min(0).lt(1).default(0.9).describe('of AdamW'),
  beta2: z.number().min(0).lt(1).default(0.999).describe('of AdamW'),
  epsilon: z.number().min(1e-12).max(1).default(1e-8).describe('of AdamW'),
  weightDecay: z
    .number()
    .min(0)
    .max(1)
    .default(5e-4)
    .describe('of weights: never of masks, biases, BatchNorm'),
  gradientClipNorm: z
    .number()
    .positive()
    .max(1e6)
    .optional()
    .describe('largest norm of all gradients together; default: no limit'),
  labelSmoothing: z
    .number()
    .min(0)
    .lt(1)
    .default(0.1)
    .describe("share of a label's target that is spread evenly over all classes"),
  maskLearningRate: z.number().positive().max(10).default(0.3).describe('peak, of the mask'),
  maskInitialisation: z
    .enum(['rank', 'scale'])
    .default('rank')
    .describe("what the mask begins with: even steps in the order of BatchNorm's scales, or those scales"),
  maskedRatios: z
    .enum(['all', 'largest'])
    .default('largest')
    .describe('which subnets the mask phase trains: those of all ratios in turn, or the largest alone'),
  costExponent: z
    .number()
    .min(0)
    .max(2)
    .default(0.3)
    .describe("how much a channel's MACs count against it: 0 not at all, 1 compares mask value per MAC"),
  batchNormAffine: z
    .enum(['private', 'shared'])
    .default('private')
    .describe(
      'whether every ratio has a BatchNorm scale and shift of its own; statistics always are its own',
    ),
  distillationWeight: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe("share of a pruned subnet's loss that is its distance from the largest one; 0: labels alone"),
  distillationTemperature: z
    .number()
    .min(0.1)
    .max(100)
    .default(1)
    .describe('softens both distributions; 1 as they are'),
  minChannels: z.number().int().min(1).max(1024).default(2).describe('kept of every channel group, at least'),
  channelMultiple: z
    .number()
    .int()
    .min(1)
    .max(64)
    .default(4)
    .describe('kept channels are rounded up to a multiple of this'),
  trainImages: z.number().int().min(64).optional().describe('use only the first N training images'),
  testImages: z.number().int().min(1).optional().describe('use only the first N test images'),
  augmentation: Augmentation.optional().describe(
    'of training images; default: none, which digits and letters need',
  ),
  recalibrationBatches: z
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(16)
    .describe('training batches that BatchNorm statistics of every ratio are taken from at the end'),
  evaluation: TrainingEvaluation.optional().describe(
    'accuracies while it trains; default: after every epoch, on the first 1,000 test images',
  ),
  seed: z.number().int().min(0).max(0xffffffff).default(1).describe('of all that chance decides'),
  threads: Threads.optional().describe('the same as engine.threads'),
  engine: EngineChoice.optional().describe(
    '`executor`, `provider` and `threads`; default: the best of the worker',
  ),
  checkpointEverySteps: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('checkpoints besides those at the ends of epochs'),
  checkpointEveryMinutes: z
    .number()
    .positive()
    .max(24 * 60)
    .default(5)
    .describe('checkpoints besides those at the ends of epochs'),
});

/** How the weights are trained; every default is explained in docs/method.md. */
export const TrainingOptions = TrainingFields.superRefine((options, context) => {
  for (const [field, message] of contradictions(options)) {
    context.addIssue({ code: 'custom', path: [field], message });
  }
});
export type TrainingOptions = z.infer<typeof TrainingOptions>;

/** Fields that do not go together, each with what was expected of it. */
function contradictions(options: z.infer<typeof TrainingFields>): [keyof TrainingOptions, string][] {
  const { optimizer, nesterov, momentum, learningRate, learningRateWarmupEpochs: rise, threads } = options;
  const found: [keyof TrainingOptions, string][] = [];
  const epochs = options.warmupEpochs + options.maskEpochs + options.jointEpochs;
  if (optimizer === 'adamw' && nesterov) found.push(['nesterov', 'expected false with optimizer adamw']);
  if (optimizer === 'adamw' && learningRate > MAX_ADAMW_LEARNING_RATE) {
    const expected = `expected at most ${MAX_ADAMW_LEARNING_RATE} with optimizer adamw (0.001 is usual)`;
    found.push(['learningRate', expected]);
  }
  if (nesterov && momentum === 0) found.push(['nesterov', 'expected false without momentum']);
  if (rise !== undefined && rise >= epochs) {
    found.push(['learningRateWarmupEpochs', `expected fewer than the training's ${epochs} epochs`]);
  }
  if (threads !== undefined && options.engine?.threads !== undefined) {
    found.push(['threads', 'expected none beside engine.threads']);
  }
  return found;
}
