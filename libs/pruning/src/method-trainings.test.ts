import { createExecutor, type Executor } from '#engine';
import { costOf, deriveShapes, resNet } from '#network';
import {
  membersOf,
  subnetOf,
  trainFamily,
  trainingsOf,
  type Method,
  type TrainFamilyOptions,
  type TrainFamilyRequest,
  type TrainFamilyResult,
} from './index.js';
import { BARS_CLASSES, BARS_INPUT, barsData } from './testing/bars-of-light.js';

const BATCH = 16;
const STEPS = 12;
const OPTIONS: TrainFamilyOptions = {
  ...{ warmupEpochs: 1, maskEpochs: 1, jointEpochs: 3, batchSize: BATCH, recalibrationBatches: 3, seed: 1 },
  ...{ learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4, maskLearningRate: 0.05 },
  ...{ distillationWeight: 0.5, minChannels: 1, channelMultiple: 1 },
};
const network = resNet({ depth: 8, input: BARS_INPUT, classes: BARS_CLASSES, widthMultiplier: 0.25 });
const data = barsData({ batchSize: BATCH, steps: STEPS });
const dense = costOf(network).macs;

let request: TrainFamilyRequest;
beforeAll(async () => {
  const executor: Executor = await createExecutor('onnxruntime', { threads: 1 });
  request = { network, ratios: [0, 0.5], data, executor, options: OPTIONS };
});

async function run(method: Method, changes: Partial<TrainFamilyRequest> = {}) {
  const trainings = trainingsOf(method, { ...request, ...changes });
  const results: TrainFamilyResult[] = [];
  for (const training of trainings) results.push(await trainFamily(training.request));
  return {
    trainings,
    results,
    members: trainings.flatMap((training, i) => membersOf(training, results[i]!)),
  };
}

test.each<[Method, string[]]>([
  ['all-in-one', ['all-in-one']],
  ['uniform-slimmable', ['uniform-slimmable']],
  ['independent', ['independent-0', 'independent-0.5']],
])('%s gives every ratio a network within its budget that has learned', async (method, names) => {
  const { trainings, results, members } = await run(method);
  expect(trainings.map(({ name }) => name)).toEqual(names);
  expect(members.map(({ ratio, derived }) => [ratio, derived])).toEqual([
    [0, false],
    [0.5, false],
  ]);
  for (const { ratio, cost, accuracy } of members) {
    expect(cost.macs).toBeLessThanOrEqual((1 - ratio) * dense);
    expect(cost.macs).toBeGreaterThan((0.8 - ratio) * dense);
    expect(accuracy).toBeGreaterThan(0.7); // chance is 0.25
  }
  const [full, half] = members;
  const images = STEPS * BATCH * 3;
  const inAll = results.reduce((sum, { trainingMacs }) => sum + trainingMacs, 0);
  const joint = full!.cost.macs + half!.cost.macs;
  const epochs = { 'all-in-one': [2, 3], 'uniform-slimmable': [2, 3], independent: [0, 5], dense: [] };
  const [alone, together] = epochs[method] as [number, number];
  expect(inAll).toBe(images * (alone * dense + together * joint));
});

test('dense is the independent network of ratio 0, bit for bit', async () => {
  const [alone, all] = [await run('dense'), await run('independent')];
  expect(alone.members).toEqual([all.members[0]]);
  expect(subnetOf(alone.results[0]!.family, 0)).toEqual(subnetOf(all.results[0]!.family, 0));
});

test('uniform widths keep the same share of every group, and channels stand as they were', async () => {
  const { results, members } = await run('uniform-slimmable', { untrainedRatios: [0.3] });
  const shapes = deriveShapes(network);
  for (const { widths } of members) {
    const shares = Object.entries(widths).map(([group, width]) => width / shapes.get(group)!.channels);
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(2 / 4);
  }
  expect(members.map(({ ratio, derived }) => [ratio, derived])).toEqual([
    [0, false],
    [0.3, true],
    [0.5, false],
  ]);
  expect([...results[0]!.family.mask['stem']!]).toEqual([1, 0.75, 0.5, 0.25]);
});

test('shared BatchNorm parameters are one vector, of which subnets have the beginning', async () => {
  const options = { ...OPTIONS, batchNormAffine: 'shared' } as const;
  for (const method of ['all-in-one', 'uniform-slimmable'] as const) {
    const { results } = await run(method, { options });
    const [full, half] = results[0]!.family.members;
    for (const [layer, { scale, shift, mean }] of Object.entries(half!.batchNorm)) {
      expect(scale).toEqual(full!.batchNorm[layer]!.scale.slice(0, scale.length));
      expect(shift).toEqual(full!.batchNorm[layer]!.shift.slice(0, scale.length));
      // What the stem computes does not depend on what else a subnet keeps.
      if (layer !== 'stem.bn') expect(mean).not.toEqual(full!.batchNorm[layer]!.mean.slice(0, scale.length));
    }
  }
});

describe('a warm start', () => {
  test('begins with the weights of a family, and needs less training', async () => {
    const first = await run('all-in-one');
    const { family } = first.results[0]!;
    const options = {
      ...OPTIONS,
      warmupEpochs: 0,
      jointEpochs: 1,
      learningRate: 1e-6,
      maskLearningRate: 1e-6,
    };
    const [cold, warm] = [
      await run('all-in-one', { options }),
      await run('all-in-one', { options, warmStart: family }),
    ];
    expect(cold.members[0]!.accuracy).toBeLessThan(0.6);
    expect(warm.members[0]!.accuracy).toBeGreaterThan(0.7);
  });

  test('is refused from another network, or without the dense one', async () => {
    const { family } = (await run('dense')).results[0]!;
    const other = resNet({ depth: 8, input: BARS_INPUT, classes: BARS_CLASSES, widthMultiplier: 0.5 });
    const refused = trainFamily({ ...request, network: other, warmStart: family });
    await expect(refused).rejects.toThrow(/warm start: its network is "resnet8" .* very same network/);
    const members = family.members.map((member) => ({ ...member, ratio: 0.2 }));
    const pruned = trainFamily({ ...request, warmStart: { ...family, members } });
    await expect(pruned).rejects.toThrow(/warm start: its smallest ratio is 0.2, expected 0/);
  });
});

test.each([
  ['one that is trained', [0.5]],
  ['one beyond the trained ones', [0.6]],
  ['descending ones', [0.4, 0.3]],
])('refuses %s as untrained ratio', async (_, untrainedRatios) => {
  const failure = trainFamily({ ...request, untrainedRatios });
  await expect(failure).rejects.toThrow(
    /untrainedRatios \[.*\]: expected ascending numbers .* between 0 and 0.5/,
  );
});

test('refuses data of one class', async () => {
  const network = resNet({ depth: 8, input: BARS_INPUT, classes: 1, widthMultiplier: 0.25 });
  const failure = trainFamily({ ...request, network, data: { ...data, classes: 1 } });
  await expect(failure).rejects.toThrow(/the data have 1 class: expected at least 2/);
});
