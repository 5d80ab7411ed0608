import { GraphBuilder, type Tensor } from '#graph';
import { INPUT, sliceNetwork, type Network } from '#network';
import { evaluate } from '#engine';
import { expectAgreement } from './agreement.fixture.js';
import { denseNetLike, inceptionLike } from './concatenating-networks.fixture.js';
import { initialParameters, initialScaleAndShift } from './initialise.js';
import { jointStepGraph, lossName, memberTensorName } from './joint-step-graph.js';
import { batchNormLayouts, parameterLayouts } from './parameters.js';
import { randomGenerator } from './random-generator.js';
import { prefixSelection, selectChannels } from './select-channels.js';
import { denseStepGraph } from './shared-step-graph.js';
import { slicedTensors } from './sliced-tensors.js';
import { solveUniformWidths } from './solve-uniform-widths.js';
import { atRest } from './trained-states.js';
import { oneHotTensor, scalarTensor } from './training-inputs.js';

test('what is kept of a concatenation is a prefix of each of its segments', () => {
  const network: Network = {
    ...{ name: 'n', input: { channels: 2, height: 1, width: 1 }, classes: 1 },
    layers: [
      { kind: 'conv', name: 'a', input: INPUT, outChannels: 3, kernel: 1, stride: 1, padding: 0 },
      { kind: 'conv', name: 'b', input: INPUT, outChannels: 2, kernel: 1, stride: 1, padding: 0 },
      { kind: 'concat', name: 'ab', inputs: ['a', INPUT, 'b'] },
      { kind: 'global-average-pool', name: 'pool', input: 'ab' },
      { kind: 'dense', name: 'fc', input: 'pool', outFeatures: 1 },
    ],
  };
  const kept = (a: number, b: number) => {
    const builder = new GraphBuilder();
    const data = Float32Array.from({ length: 7 }, (_, row) => row);
    const shared = new Map([['fc.weight', builder.constant({ shape: [7, 1], data })]]);
    builder.output('kept', slicedTensors(parameterLayouts(network), shared, { a, b })('fc.weight'));
    return [...evaluate(builder.build(), {}).outputs['kept']!.data];
  };
  // Rows 0 to 2 read a, 3 and 4 the images, 5 and 6 read b.
  expect(kept(1, 1)).toEqual([0, 3, 4, 5]);
  expect(kept(3, 1)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(kept(2, 2)).toEqual([0, 1, 3, 4, 5, 6]);
  expect(kept(3, 2)).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

describe.each<[string, Network]>([
  ['a DenseNet-like network', denseNetLike()],
  ['an Inception-like network', inceptionLike()],
])('one step of all subnets of %s', (_, network) => {
  const BATCH = 3;
  const step = { batchSize: BATCH, momentum: 0, weightDecay: 0 };
  const rules = { minChannels: 1, channelMultiple: 1 };
  const widths = [0, 0.3, 0.6].map((ratio) => solveUniformWidths(network, ratio, rules));
  const graph = jointStepGraph(network, widths, { ...step, distillationWeight: 0 });
  const random = randomGenerator(7);
  const { channels, height, width } = network.input;
  const images: Tensor = {
    shape: [BATCH, channels, height, width],
    data: Float32Array.from({ length: BATCH * channels * height * width }, () => random.normal()),
  };
  const labels = oneHotTensor(network, Uint8Array.of(0, 3, 1));
  const feeds = { images, labels, learningRate: scalarTensor(1) };
  const parameters = initialParameters(network, 3);
  const state = { ...atRest(parameters) };
  widths.forEach((kept, member) => {
    for (const [name, tensor] of Object.entries(initialScaleAndShift(sliceNetwork(network, kept)))) {
      Object.assign(state, atRest({ [memberTensorName(member, name)]: tensor }));
    }
  });

  test('computes the loss of each as the small network that it is', () => {
    const { outputs } = evaluate(graph, { ...state, ...feeds });
    widths.forEach((kept, member) => {
      const small = sliceNetwork(network, kept);
      const sliced = selectChannels(parameters, parameterLayouts(network), prefixSelection(kept));
      expect(Object.keys(initialScaleAndShift(small))).toEqual(
        batchNormLayouts(network).map(({ name }) => name),
      );
      const own = atRest({ ...sliced, ...initialScaleAndShift(small) });
      const expected = evaluate(denseStepGraph(small, step), { ...own, ...feeds });
      expect(outputs[lossName(member)]!.data[0]).toBeCloseTo(expected.outputs['loss']!.data[0]!, 10);
    });
  });

  test('moves the shared weights by the gradient that finite differences give', () => {
    const { next } = evaluate(graph, { ...state, ...feeds });
    const lossAt = (name: string, index: number, change: number) => {
      const data = Float64Array.from(state[name]!.data, (value, i) => (i === index ? value + change : value));
      const given = { ...state, ...feeds, [name]: { shape: state[name]!.shape, data } };
      const { outputs } = evaluate(graph, given);
      return widths.reduce((sum, _kept, member) => sum + outputs[lossName(member)]!.data[0]!, 0);
    };
    for (const name of Object.keys(parameters).filter((each) => each.endsWith('.weight'))) {
      const { data } = state[name]!;
      const index = Math.floor(random.uniform() * data.length);
      const size = 1e-6;
      const slope = (lossAt(name, index, size) - lossAt(name, index, -size)) / (2 * size);
      expect(data[index]! - next[name]!.data[index]!).toBeCloseTo(slope, 6);
    }
  });

  test('does the same in onnxruntime as in the reference', () => expectAgreement(graph, state, feeds));
});
