import { createExecutor } from '#engine';
import { costOf, denseWidths, type Network } from '#network';
import { denseNetLike } from './concatenating-networks.fixture.js';
import { subnetOf, trainFamily, type TrainFamilyOptions } from './index.js';
import { BARS_CLASSES, BARS_INPUT, barsData } from './testing/bars-of-light.js';

const OPTIONS: TrainFamilyOptions = {
  ...{ warmupEpochs: 1, maskEpochs: 1, jointEpochs: 3, batchSize: 16 },
  ...{ learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4, maskLearningRate: 0.05 },
  ...{ distillationWeight: 0.5, minChannels: 1, channelMultiple: 1, recalibrationBatches: 2, seed: 1 },
};

test('a network with concatenations learns every ratio of one weight set', async () => {
  const network: Network = { ...denseNetLike(), input: BARS_INPUT, classes: BARS_CLASSES };
  const executor = await createExecutor('onnxruntime', { threads: 1 });
  const data = barsData({ batchSize: 16, steps: 16 });
  const { family, accuracies } = await trainFamily({
    ...{ network, ratios: [0, 0.3, 0.6], data, executor, options: OPTIONS },
  });
  // Chance is 0.25.
  for (const accuracy of accuracies) expect(accuracy).toBeGreaterThan(0.7);
  const [whole, ...small] = family.members;
  expect(whole!.widths).toEqual(denseWidths(network));
  for (const { ratio, cost, widths } of small) {
    expect(cost.macs).toBeLessThanOrEqual((1 - ratio) * costOf(network).macs + 1e-3);
    expect(denseWidths(subnetOf(family, ratio).network)).toEqual(widths);
  }
});
