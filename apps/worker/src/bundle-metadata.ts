import type { TrainingOrder, TrainingResult } from './training-messages.js';

/** What a bundle says of its origin to who has nothing but the file. */
export function bundleMetadata(order: TrainingOrder, result: TrainingResult): Record<string, unknown> {
  return {
    jobId: order.jobId,
    network: order.network,
    datasetDigest: order.dataset.digest,
    training: order.training,
    accuracies: result.ratios.map(({ ratio, accuracy }) => ({ ratio, accuracy })),
    testImages: result.testImages,
    executor: result.executor,
  };
}
