import fc from 'fast-check';
import { evaluate } from '#engine';
import type { Graph } from '#graph';
import { deriveChannelGroups, type Network } from '#network';
import { expectAgreement } from './agreement.fixture.js';
import { denseNetLike, inceptionLike } from './concatenating-networks.fixture.js';
import { keepName, maskTensors, nextMaskName } from './graph-mask.js';
import {
  BATCH,
  expectClose,
  keepBits,
  keptOf,
  mapValues,
  randomModel,
  selectSubnet,
  type Keep,
  type RandomModel,
} from './masked-network.fixture.js';
import { batchNormLayouts, parameterLayouts, type Parameters } from './parameters.js';
import { randomGenerator } from './random-generator.js';
import { selectChannels } from './select-channels.js';
import { denseStepGraph, maskedStepGraph } from './shared-step-graph.js';
import { offeredNetworks, otherLayerKinds, smallResNet } from './small-networks.fixture.js';
import { sortChannels } from './sort-channels.js';
import { atRest, withMoments } from './trained-states.js';
import { oneHotTensor, scalarTensor } from './training-inputs.js';

const STEP = { batchSize: BATCH, momentum: 0.9, weightDecay: 0.01 };

/** Parameters and BatchNorm with velocities that are not zero. */
const stateOf = (model: RandomModel): Parameters => {
  const state = atRest({ ...model.parameters, ...model.scalesAndShifts });
  const random = randomGenerator(99);
  for (const [name, { data }] of Object.entries(state)) {
    if (name.endsWith('.velocity')) data.forEach((_, i) => (data[i] = 0.01 * random.normal()));
  }
  return state;
};
const feedsOf = (network: Network, model: RandomModel) => ({
  images: model.images,
  labels: oneHotTensor(network, Uint8Array.of(0, 3, 1)),
  learningRate: scalarTensor(0.1),
});
/** In float64: in float32 a value within rounding of 0 may pass a ReLU in one of two networks only, or win another maximum. */
const exactStep = (graph: Graph, given: Parameters) => {
  const { outputs, next } = evaluate(graph, given);
  const state = mapValues(next, ({ shape, data }) => ({ shape, data: Float32Array.from(data) }));
  return { loss: outputs['loss']!.data[0]!, state };
};
const maskedState = (model: RandomModel): Parameters => ({
  ...stateOf(model),
  ...atRest(maskTensors(model.mask)),
});
const maskedFeeds = (network: Network, model: RandomModel, keep: Keep) => ({
  ...feedsOf(network, model),
  ...maskTensors(keep, keepName),
  maskLearningRate: scalarTensor(0.5),
});

const SHALLOW: [string, Network, number][] = [
  ['ResNet-8 at width 0.25', smallResNet(8, 0.25), 5],
  ['a network of all other layer kinds', otherLayerKinds(), 5],
  ['a DenseNet-like network', denseNetLike(), 5],
  ['an Inception-like network', inceptionLike(), 5],
];

describe.each([
  ...SHALLOW,
  ...offeredNetworks().map(([name, network]): [string, Network, number] => {
    return [`${name} at width 0.125`, network, 1];
  }),
])('one training step of %s', (_, network, numRuns) => {
  const layouts = withMoments([...parameterLayouts(network), ...batchNormLayouts(network)]);

  test('under a mask does to the kept channels what a step of the sliced network does', () => {
    fc.assert(
      fc.property(keepBits(network), fc.nat(), (keep, seed) => {
        const model = randomModel(network, seed);
        const selection = keptOf(keep);
        const { network: small } = selectSubnet(network, model, selection);
        const sliced = selectChannels(stateOf(model), layouts, selection);
        const expected = exactStep(denseStepGraph(small, STEP), { ...sliced, ...feedsOf(network, model) });
        const masked = { ...maskedState(model), ...maskedFeeds(network, model, keep) };
        const actual = exactStep(maskedStepGraph(network, STEP), masked);
        expect(actual.loss).toBeCloseTo(expected.loss, 10);
        const kept = selectChannels(actual.state, layouts, selection);
        for (const [name, { data }] of Object.entries(expected.state)) {
          expectClose(kept[name]!.data, data, 1e-6);
        }
      }),
      { numRuns },
    );
  });

  test('commutes with sorting: channels, BatchNorm and momentum move together', () => {
    const model = randomModel(network, 5);
    const graph = denseStepGraph(network, STEP);
    const state = stateOf(model);
    const sorted = sortChannels(network, { state, mask: model.mask });
    const stepped = exactStep(graph, { ...sorted.state, ...feedsOf(network, model) });
    const plain = exactStep(graph, { ...state, ...feedsOf(network, model) });
    expect(stepped.loss).toBeCloseTo(plain.loss, 8);
    const expected = sortChannels(network, { state: plain.state, mask: model.mask });
    for (const [name, { data }] of Object.entries(expected.state)) {
      expectClose(stepped.state[name]!.data, data, 1e-5);
    }
    for (const values of Object.values(sorted.mask)) {
      expect([...values]).toEqual([...values].sort((a, b) => b - a));
    }
  });
});

test.each(SHALLOW)('onnxruntime steps %s under a mask as the reference does', async (_, network) => {
  const model = randomModel(network, 21);
  const keep = mapValues(model.mask, (values) => values.map((_, channel) => (channel % 3 === 1 ? 0 : 1)));
  const graph = maskedStepGraph(network, STEP);
  await expectAgreement(graph, maskedState(model), maskedFeeds(network, model, keep));
});

// Deeper ones bend too much within the smallest difference that float64 can tell.
describe.each(SHALLOW)('one training step of %s', (_, network) => {
  const { groups } = deriveChannelGroups(network);
  const someGroups = [groups[0]!, groups[groups.length >> 1]!, groups.at(-1)!];

  test('moves the soft mask by the gradient of the kept bits, as finite differences give it', () => {
    const model = randomModel(network, 21);
    const keep = mapValues(model.mask, (values) => values.map((_, channel) => (channel % 3 === 1 ? 0 : 1)));
    const graph = maskedStepGraph(network, STEP);
    const given = { ...maskedState(model), ...maskedFeeds(network, model, keep) };
    const { outputs } = evaluate(graph, given);
    for (const { name: group, channels } of someGroups) {
      const lossAt = (channel: number, change: number) => {
        const data = Float64Array.from(keep[group]!, (bit, c) => (c === channel ? bit + change : bit));
        const changed = { ...given, [keepName(group)]: { shape: [data.length], data } };
        return evaluate(graph, changed).outputs['loss']!.data[0]!;
      };
      const width = 1e-6;
      const some = [0, 1, 2, 3].slice(0, channels);
      const differences = some.map((c) => (lossAt(c, width) - lossAt(c, -width)) / (2 * width));
      const next = outputs[nextMaskName(group)]!.data;
      const moves = some.map((channel) => (model.mask[group]![channel]! - next[channel]!) / 0.5);
      expectClose(Float32Array.from(moves), Float32Array.from(differences), 1e-5);
    }
  });
});

test('says nothing of a whole group whose readers all have a BatchNorm behind them: its gradients sum to zero', () => {
  const network = smallResNet(8, 0.25);
  const model = randomModel(network, 3);
  const keep = mapValues(model.mask, (values) => values.map(() => 1));
  const given = { ...maskedState(model), ...maskedFeeds(network, model, keep) };
  const { outputs } = evaluate(maskedStepGraph(network, STEP), given);
  const sumOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  for (const [group, before] of Object.entries(model.mask)) {
    const after = outputs[nextMaskName(group)]!.data;
    const moves = [...before].map((value, channel) => value - after[channel]!);
    const rest = Math.abs(sumOf(moves)) / sumOf(moves.map(Math.abs));
    // The classifier reads the last group, and no BatchNorm stands behind it.
    expect([group, rest < 1e-3]).toEqual([group, group !== 'stage3.block1.conv2']);
  }
});
