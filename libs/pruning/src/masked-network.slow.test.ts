import fc from 'fast-check';
import { createExecutor, type Executor } from '#engine';
import { GraphBuilder, batchNormInference, type Tensor, type Value } from '#graph';
import { denseWidths, type Network } from '#network';
import { denseNetLike, inceptionLike } from './concatenating-networks.fixture.js';
import { forward } from './forward.js';
import { GraphMask, keepName, maskTensors } from './graph-mask.js';
import { inferenceGraph, type BatchNormValues, type Subnet } from './index.js';
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
import { descendingOrder } from './mask.js';
import { randomNetworks } from './random-networks.fixture.js';
import { withProgram } from './run-program.js';
import { offeredNetworks, otherLayerKinds, smallResNet } from './small-networks.fixture.js';
import { imageInput } from './training-inputs.js';

let executor: Executor;
beforeAll(async () => {
  executor = await createExecutor('onnxruntime', { threads: 1 });
});

async function logitsOf(subnet: Subnet, images: Tensor): Promise<Float32Array> {
  return withProgram(executor, inferenceGraph(subnet, { batch: BATCH }), async (program) => {
    const { logits } = await program.run({ input: images });
    return logits!.data;
  });
}

/** The dense network's logits with removed channels masked, at BatchNorm's running statistics. */
async function maskedLogits(network: Network, model: RandomModel, keep: Keep): Promise<Float32Array> {
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
    await program.setState(maskTensors(model.mask));
    const outputs = await program.run({ images: model.images, ...maskTensors(keep, keepName) });
    return outputs['logits']!.data;
  });
}

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
