import path from 'node:path';
import { TrainingOptions } from '#contracts';
import { describeDataset } from '#datasets';
import { TYPESCRIPT_NODE_OPTIONS, writeIdxFiles } from '#testkit';
import type { TrainingListener } from '../train-resumably.js';
import type { TrainingOrder } from '../training-messages.js';
import type { TrainingProcessOptions } from '../training-process.js';

/** The real training process, from its source. */
export const TRAINING_PROCESS: TrainingProcessOptions = {
  entry: new URL('../training.child.ts', import.meta.url),
  execArgv: [TYPESCRIPT_NODE_OPTIONS],
};

/** A few seconds' work at most. */
export const TINY_TRAINING = TrainingOptions.parse({
  warmupEpochs: 0,
  maskEpochs: 1,
  jointEpochs: 1,
  batchSize: 16,
  recalibrationBatches: 2,
  augmentation: { crop: 1, flip: true },
  channelMultiple: 1, // the network is too narrow for anything coarser
  threads: 1,
});

/** Longer than any test waits. */
export const ENDLESS_TRAINING = { ...TINY_TRAINING, jointEpochs: 1000 };

/** Listens to what `changes` name, and to nothing else. */
export const aListener = (changes: Partial<TrainingListener> = {}): TrainingListener => ({
  onProgress: () => {},
  onResumed: () => {},
  onLog: () => {},
  onMetrics: () => {},
  onCheckpoint: () => {},
  ...changes,
});

/** Order to train the smallest network for ratios 0 and 0.5 on a tiny dataset in `folder`. */
export async function aTrainingOrder(
  folder: string,
  changes: Partial<TrainingOrder> = {},
): Promise<TrainingOrder> {
  const files = await writeIdxFiles(path.join(folder, 'dataset'));
  const { digest, input, classes } = await describeDataset({ format: 'idx', paths: files });
  return {
    jobId: 'job',
    network: { family: 'resnet', depth: 8, widthMultiplier: 0.25 },
    ratios: [0, 0.5],
    training: TINY_TRAINING,
    engine: { executor: 'onnxruntime', provider: 'cpu', threads: 1 },
    dataset: { digest, format: 'idx', input, classes, files },
    bundleFile: path.join(folder, 'bundle.safetensors'),
    checkpointFolder: path.join(folder, 'checkpoints'),
    ...changes,
  };
}
