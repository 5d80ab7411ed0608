import fc from 'fast-check';
import { GraphBuilder, batchNormInference, type Graph, type Tensor, type Value } from '#graph';
import { denseWidths, deriveChannelGroups, sliceNetwork, type Network } from '#network';
import { createExecutor, evaluate, type Executor } from '#engine';
import { inferenceGraph, type BatchNormState, type BatchNormValues, type Subnet } from './index.js';
import { denseNetLike, inceptionLike } from './concatenating-networks.fixture.js';
import { forward } from './forward.js';
import { GraphMask, keepOf, maskOf, nextMaskOf } from './graph-mask.js';
import { initialParameters } from './initialise.js';
import { batchNormLayouts, parameterLayouts, scaleOf, shiftOf, type Parameters } from './parameters.js';
import { descendingOrder } from './mask.js';
import { randomGenerator } from './random-generator.js';
import { randomNetworks } from './random-networks.fixture.js';
import { withProgram } from './run-program.js';
import { selectChannels, type Selection } from './select-channels.js';
import { denseStepGraph, maskedStepGraph } from './shared-step-graph.js';
import { offeredNetworks, otherLayerKinds, smallResNet } from './small-networks.fixture.js';
import { sortChannels } from './sort-channels.js';
import { atRest, withMoments } from './trained-states.js';
import { imageInput, oneHotTensor, scalarTensor } from './training-inputs.js';

type Keep = Readonly<Record<string, Float32Array>>;
const BATCH = 3;
let executor: Executor;
beforeAll(async () => {
  executor = await createExecutor('onnxruntime', { threads: 1 });
});

/** Everything random, BatchNorm too: identities would hide what is in the wrong order. */
function randomModel(network: Network, seed: number) {
  const random = randomGenerator(seed);
  const around = (centre: number, length: number) =>
    Float32Array.from({ length }, () => centre + 0.3 * random.normal());
  const scalesAndShifts: Parameters = {};
  const batchNorm: BatchNormState = {};
  for (const layout of batchNormLayouts(network)) {
    const channels = layout.axes[0]!.size;
    const centre = layout.kind === 'scale' ? 1 : 0;
    scalesAndShifts[layout.name] = { shape: [channels], data: around(centre, channels) };
  }
  for (const { name, kind } of network.layers) {
    if (kind !== 'batch-norm') continue;
    const scale = scalesAndShifts[scaleOf(name)]!.data;
    batchNorm[name] = {
      scale,
      shift: scalesAndShifts[shiftOf(name)]!.data,
      mean: around(0, scale.length),
      variance: around(1, scale.length).map(Math.abs),
    };
  }
  const images: Tensor = {
    shape: [BATCH, ...Object.values(network.input)],
    data: around(0, BATCH * network.input.channels * network.input.height * network.input.width),
  };
  const mask = Object.fromEntries(
    deriveChannelGroups(network).groups.map(({ name, channels }) => [name, around(1, channels)]),
  );
  return { parameters: initialParameters(network, seed), scalesAndShifts, batchNorm, images, mask };
}

const keptOf = (keep: Keep): Selection =>
  Object.fromEntries(
    Object.entries(keep).map(([group, bits]) => [
      group,
      [...bits.keys()].filter((channel) => bits[channel] === 1),
    ]),
  );

const keepFeeds = (keep: Keep) =>
  Object.fromEntries(
    Object.entries(keep).map(([group, data]) => [keepOf(group), { shape: [data.length], data }]),
  );

/** The subnet with the selected channels, physically small. */
function selectSubnet(network: Network, model: ReturnType<typeof randomModel>, selection: Selection): Subnet {
  const kept = mapValues(selection, (channels) => channels.length);
  const batchNorm = mapValues(model.batchNorm, (values) => values);
  for (const layout of batchNormLayouts(network)) {
    if (layout.kind !== 'scale') continue;
    const layer = layout.name.slice(0, -scaleOf('').length);
    const pick = (data: Float32Array) =>
      selectChannels({ [layout.name]: { shape: [data.length], data } }, [layout], selection)[layout.name]!
        .data;
    const { scale, shift, mean, variance } = model.batchNorm[layer]!;
    batchNorm[layer] = { scale: pick(scale), shift: pick(shift), mean: pick(mean), variance: pick(variance) };
  }
  return {
    network: sliceNetwork(network, { ...denseWidths(network), ...kept }),
    parameters: selectChannels(model.parameters, parameterLayouts(network), selection),
    batchNorm,
  };
}

async function logitsOf(subnet: Subnet, images: Tensor): Promise<Float32Array> {
  return withProgram(executor, inferenceGraph(subnet, { batch: BATCH }), async (program) => {
    const { logits } = await program.run({ input: images });
    return logits!.data;
  });
}

/** The dense network's logits with removed channels masked, at BatchNorm's running statistics. */
async function maskedLogits(
  network: Network,
  model: ReturnType<typeof randomModel>,
  keep: Keep,
): Promise<Float32Array> {
  const builder = new GraphBuilder();
  const mask = new GraphMask(builder, network);
  const vector = (data: Float32Array): Value => builder.constant({ shape: [data.length], data });
  const constants = ({ scale, shift, mean, variance }: BatchNormValues) => ({
    scale: vector(scale),
    shift: vector(shift),
    mean: vector(mean),
    variance: vector(variance),
  });
  const logits = forward(network, imageInput(builder, network, BATCH), {
    parameter: (name) => builder.constant(model.parameters[name]!),
    normalise: (layer, input) => batchNormInference(input, constants(model.batchNorm[layer]!)),
    consume: (output, from) => mask.apply(output, from),
  });
  builder.output('logits', logits);
  return withProgram(executor, builder.build(), async (program) => {
    const soft = Object.entries(model.mask).map(([group, data]) => [
      maskOf(group),
      { shape: [data.length], data },
    ]);
    await program.setState(Object.fromEntries(soft));
    const outputs = await program.run({ images: model.images, ...keepFeeds(keep) });
    return outputs['logits']!.data;
  });
}

function expectClose(actual: Float32Array, expected: Float32Array, tolerance: number) {
  expect(actual).toHaveLength(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  const worst = Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)));
  expect(worst).toBeLessThanOrEqual(tolerance * largest);
}

const keepBits = (network: Network) =>
  fc.record(
    Object.fromEntries(
      deriveChannelGroups(network).groups.map(({ name, channels }) => [
        name,
        fc
          .array(fc.constantFrom(0, 1), { minLength: channels, maxLength: channels })
          .map((bits) => Float32Array.from(bits.includes(1) ? bits : [1, ...bits.slice(1)])),
      ]),
    ),
  );

describe.each<[string, Network, number, number]>([
  ['ResNet-8 at width 0.5', smallResNet(8, 0.5), 1e-5, 8],
  ['ResNet-14 at width 0.25', smallResNet(14, 0.25), 1e-5, 8],
  ...offeredNetworks().map(([name, network]): [string, Network, number, number] => {
    return [`${name} at width 0.125`, network, 1e-4, 2];
  }),
  ['a network of all other layer kinds', otherLayerKinds(), 1e-5, 8],
  ['a DenseNet-like network', denseNetLike(), 1e-5, 8],
  ['an Inception-like network', inceptionLike(), 1e-5, 8],
])('%s', (_, network, tolerance, numRuns) => {
  test('masked equals sliced, whatever channels are kept', async () => {
    await fc.assert(
      fc.asyncProperty(keepBits(network), fc.nat(), async (keep, seed) => {
        const model = randomModel(network, seed);
        const sliced = await logitsOf(selectSubnet(network, model, keptOf(keep)), model.images);
        expectClose(await maskedLogits(network, model, keep), sliced, tolerance);
      }),
      { numRuns },
    );
  });

  test('sorting by the mask changes no output', async () => {
    const model = randomModel(network, 11);
    const before = await logitsOf(selectSubnet(network, model, {}), model.images);
    const sorted = selectSubnet(network, model, descendingOrder(model.mask));
    expect(sorted.parameters).not.toEqual(model.parameters);
    expectClose(await logitsOf(sorted, model.images), before, tolerance);
  });
});

test('masked equals sliced in networks of any layers', async () => {
  const cases = randomNetworks().chain((network) =>
    fc.tuple(fc.constant(network), keepBits(network), fc.nat()),
  );
  await fc.assert(
    fc.asyncProperty(cases, async ([network, keep, seed]) => {
      const model = randomModel(network, seed);
      const small = selectSubnet(network, model, keptOf(keep));
      expect(denseWidths(small.network)).toEqual(mapValues(keptOf(keep), (channels) => channels.length));
      const sliced = await logitsOf(small, model.images);
      expectClose(await maskedLogits(network, model, keep), sliced, 1e-4);
    }),
    { numRuns: 100 },
  );
});

describe.each<[string, Network, string[]]>([
  ['ResNet-8', smallResNet(8, 0.25), ['stem', 'stage2.block1.conv1', 'stage3.block1.conv2']],
  ['a network of all other layer kinds', otherLayerKinds(), ['stem', 'expand', 'last']],
  ['a DenseNet-like network', denseNetLike(), ['stem', 'grow1', 'transition', 'grow4']],
  ['an Inception-like network', inceptionLike(), ['one', 'three', 'last']],
])('one training step of %s', (_, network, someGroups) => {
  const step = { batchSize: BATCH, momentum: 0.9, weightDecay: 0.01 };
  const layouts = withMoments([...parameterLayouts(network), ...batchNormLayouts(network)]);

  /** Parameters and BatchNorm with velocities that are not zero. */
  const stateOf = (model: ReturnType<typeof randomModel>): Parameters => {
    const state = atRest({ ...model.parameters, ...model.scalesAndShifts });
    const random = randomGenerator(99);
    for (const [name, { data }] of Object.entries(state)) {
      if (name.endsWith('.velocity')) data.forEach((_, i) => (data[i] = 0.01 * random.normal()));
    }
    return state;
  };
  const feedsOf = (model: ReturnType<typeof randomModel>) => ({
    images: model.images,
    labels: oneHotTensor(network, Uint8Array.of(0, 3, 1)),
    learningRate: scalarTensor(0.1),
  });
  const denseStep = (graph: Graph, state: Parameters, feeds: Parameters) =>
    withProgram(executor, graph, async (program) => {
      await program.setState(state);
      const { loss } = await program.run(feeds);
      return { loss: loss!.data[0]!, state: await program.getState() };
    });
  /** In float64: in float32 a value within rounding of 0 may pass a ReLU in one of two networks only, or win another maximum. */
  const exactStep = (graph: Graph, given: Parameters) => {
    const { outputs, next } = evaluate(graph, given);
    const state = mapValues(next, ({ shape, data }) => ({ shape, data: Float32Array.from(data) }));
    return { loss: outputs['loss']!.data[0]!, state };
  };
  const maskedState = (model: ReturnType<typeof randomModel>): Parameters => {
    const soft = Object.entries(model.mask).map(([g, data]) => [maskOf(g), { shape: [data.length], data }]);
    return { ...stateOf(model), ...atRest(Object.fromEntries(soft) as Parameters) };
  };
  const maskedFeeds = (model: ReturnType<typeof randomModel>, keep: Keep) => ({
    ...feedsOf(model),
    ...keepFeeds(keep),
    maskLearningRate: scalarTensor(0.5),
  });
  test('under a mask does to the kept channels what a step of the sliced network does', () => {
    fc.assert(
      fc.property(keepBits(network), fc.nat(), (keep, seed) => {
        const model = randomModel(network, seed);
        const selection = keptOf(keep);
        const { network: small } = selectSubnet(network, model, selection);
        const sliced = selectChannels(stateOf(model), layouts, selection);
        const expected = exactStep(denseStepGraph(small, step), { ...sliced, ...feedsOf(model) });
        const masked = { ...maskedState(model), ...maskedFeeds(model, keep) };
        const actual = exactStep(maskedStepGraph(network, step), masked);
        expect(actual.loss).toBeCloseTo(expected.loss, 10);
        const kept = selectChannels(actual.state, layouts, selection);
        for (const [name, { data }] of Object.entries(expected.state)) {
          expectClose(kept[name]!.data, data, 1e-6);
        }
      }),
      { numRuns: 5 },
    );
  });

  test('commutes with sorting: channels, BatchNorm and momentum move together', async () => {
    const model = randomModel(network, 5);
    const graph = denseStepGraph(network, step);
    const state = stateOf(model);
    const sorted = sortChannels(network, { state, mask: model.mask });
    const stepped = await denseStep(graph, sorted.state, feedsOf(model));
    const plain = await denseStep(graph, state, feedsOf(model));
    expect(stepped.loss).toBeCloseTo(plain.loss, 5);
    const expected = sortChannels(network, { state: plain.state, mask: model.mask });
    for (const [name, { data }] of Object.entries(expected.state)) {
      expectClose(stepped.state[name]!.data, data, 1e-4);
    }
    for (const values of Object.values(sorted.mask)) {
      expect([...values]).toEqual([...values].sort((a, b) => b - a));
    }
  });

  test('moves the soft mask by the gradient of the kept bits, as finite differences give it', () => {
    const model = randomModel(network, 21);
    const keep = mapValues(model.mask, (values) => values.map((_, channel) => (channel % 3 === 1 ? 0 : 1)));
    const graph = maskedStepGraph(network, step);
    const given = { ...maskedState(model), ...maskedFeeds(model, keep) };
    const { outputs } = evaluate(graph, given);
    for (const group of someGroups) {
      const lossAt = (channel: number, change: number) => {
        const data = Float64Array.from(keep[group]!, (bit, c) => (c === channel ? bit + change : bit));
        const changed = { ...given, [keepOf(group)]: { shape: [data.length], data } };
        return evaluate(graph, changed).outputs['loss']!.data[0]!;
      };
      const width = 1e-6;
      const channels = [0, 1, 2, 3];
      const differences = channels.map((c) => (lossAt(c, width) - lossAt(c, -width)) / (2 * width));
      const next = outputs[nextMaskOf(group)]!.data;
      const moves = channels.map((channel) => (model.mask[group]![channel]! - next[channel]!) / 0.5);
      expectClose(Float32Array.from(moves), Float32Array.from(differences), 1e-5);
    }
  });
});

const mapValues = <A, B>(record: Readonly<Record<string, A>>, f: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]));
