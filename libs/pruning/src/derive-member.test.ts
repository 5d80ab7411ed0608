import { createExecutor, type Executor } from '#engine';
import { resNet } from '#network';
import { deriveMember, subnetOf, trainFamily, type Family, type TrainFamilyOptions } from './index.js';
import { topOneAccuracy } from './top-one-accuracy.js';
import { BARS_CLASSES, BARS_INPUT, barsData } from './testing/bars-of-light.js';

const BATCH = 16;
const OPTIONS: TrainFamilyOptions = {
  ...{ warmupEpochs: 1, maskEpochs: 1, jointEpochs: 3, batchSize: BATCH, recalibrationBatches: 3, seed: 1 },
  ...{ learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4, maskLearningRate: 0.05 },
  ...{ distillationWeight: 0.5, minChannels: 1, channelMultiple: 1 },
};
const network = resNet({ depth: 8, input: BARS_INPUT, classes: BARS_CLASSES, widthMultiplier: 0.25 });
const data = barsData({ batchSize: BATCH, steps: 12 });

let executor: Executor;
let family: Family;
beforeAll(async () => {
  executor = await createExecutor('onnxruntime', { threads: 1 });
  ({ family } = await trainFamily({ network, ratios: [0, 0.3, 0.7], data, executor, options: OPTIONS }));
});

const derive = (ratio: number, of = family) =>
  deriveMember(of, ratio, {
    ...OPTIONS,
    constraints: OPTIONS,
    executor,
    batches: data.recalibrationBatches(),
  });

test('a derived subnet lies between its neighbours, meets its budget and has learned as much', async () => {
  const member = await derive(0.5);
  const [dense, wider, narrower] = family.members;
  expect(member).toMatchObject({ ratio: 0.5, derived: true });
  expect(member.cost.macs).toBeLessThanOrEqual(0.5 * dense!.cost.macs);
  expect(member.cost.macs).toBeGreaterThan(narrower!.cost.macs);
  for (const group of Object.keys(member.widths)) {
    expect(member.widths[group]!).toBeLessThanOrEqual(wider!.widths[group]!);
    expect(member.widths[group]!).toBeGreaterThanOrEqual(narrower!.widths[group]!);
  }
  const members = [dense!, wider!, member, narrower!];
  const subnet = subnetOf({ ...family, members }, 0.5);
  expect(await topOneAccuracy(subnet, { executor, batches: data.testBatches() })).toBeGreaterThan(0.7);
});

test('weights that are no numbers give no member', async () => {
  const [name, weights] = Object.entries(family.parameters)[0]!;
  const broken = { ...weights, data: weights.data.map(() => NaN) };
  const parameters = { ...family.parameters, [name]: broken };
  await expect(derive(0.5, { ...family, parameters })).rejects.toThrow('0.5 is not finite');
});

test('several derived subnets nest in each other', async () => {
  const untrainedRatios = Array.from({ length: 19 }, (_, i) => (31 + 2 * i) / 100);
  const options = { ...OPTIONS, costExponent: 0.3, jointEpochs: 1 };
  const trained = await trainFamily({
    network,
    ratios: [0, 0.3, 0.7],
    untrainedRatios,
    data,
    executor,
    options,
  });
  const { members } = trained.family;
  expect(members).toHaveLength(22);
  for (const [index, { widths }] of members.entries()) {
    const wider = members[index - 1]?.widths ?? widths;
    const grown = Object.keys(widths).filter((group) => widths[group]! > wider[group]!);
    expect(grown).toEqual([]);
  }
});

test('scales and shifts lie between the neighbours by MACs, those of a channel that the narrower lacks are the wider one’s', async () => {
  const member = await derive(0.5);
  const [, wider, narrower] = family.members;
  const position = (wider!.cost.macs - member.cost.macs) / (wider!.cost.macs - narrower!.cost.macs);
  for (const [layer, { scale, shift, mean }] of Object.entries(member.batchNorm)) {
    expect(mean).toHaveLength(scale.length);
    scale.forEach((value, channel) => {
      const wide = wider!.batchNorm[layer]!.scale[channel]!;
      const narrow = narrower!.batchNorm[layer]!.scale[channel] ?? wide;
      expect(value).toBeCloseTo(wide + position * (narrow - wide), 5);
    });
    expect(shift).toHaveLength(scale.length);
  }
});

test('training hands out derived members beside the trained ones, with their accuracy', async () => {
  const trained = await trainFamily({
    ...{ network, ratios: [0, 0.3, 0.7], untrainedRatios: [0.15, 0.5], data, executor, options: OPTIONS },
  });
  const { members } = trained.family;
  expect(members.map(({ ratio, derived = false }) => [ratio, derived])).toEqual([
    ...[[0, false] as const, [0.15, true] as const, [0.3, false] as const],
    ...[[0.5, true] as const, [0.7, false] as const],
  ]);
  expect(trained.accuracies).toHaveLength(5);
  expect(trained.family.parameters).toEqual(family.parameters);
  expect(members[3]).toEqual(await derive(0.5));
});

test.each([
  [0.3, /ratio 0.3 is in the family already, whose trained ratios are 0, 0.3, 0.7/],
  [0.8, /ratio 0.8: expected one between trained ratios, which are 0, 0.3, 0.7/],
])('refuses ratio %d', async (ratio, message) => {
  await expect(derive(ratio)).rejects.toThrow(message);
});
