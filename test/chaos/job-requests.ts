/** Small trainings that differ in their seeds and ratios, with a checkpoint every few steps. */
export function jobRequests(count: number, datasetId: string, name: string): Record<string, unknown>[] {
  return Array.from({ length: count }, (_, i) => ({
    model: `${name}-${i + 1}`,
    network: { family: 'resnet', depth: 8, widthMultiplier: 0.25 },
    datasetId,
    ratios: i % 2 === 0 ? [0, 0.5] : [0, 0.3, 0.6],
    training: {
      ...{ warmupEpochs: 1, maskEpochs: 1, jointEpochs: 2, batchSize: 16, threads: 1, seed: i + 1 },
      ...{ trainImages: 1600, testImages: 100, recalibrationBatches: 2, channelMultiple: 1 },
      ...{ augmentation: { crop: 1, flip: false }, checkpointEverySteps: 25 },
    },
  }));
}
