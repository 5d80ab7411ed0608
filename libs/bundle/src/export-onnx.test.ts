import { InferenceSession, Tensor } from 'onnxruntime-node';
import { createExecutor } from '#engine';
import { INPUT, mobileNetV2, resNet, vgg16, type ConvLayer, type Network } from '#network';
import { inferenceGraph, randomSubnet, solveUniformWidths } from '#pruning';
import { exportOnnx } from './index.js';

const SMALL = { input: { channels: 1, height: 12, width: 12 }, classes: 5 };
const network = resNet({ ...SMALL, depth: 8 });
const BATCH = 3;

const conv = (name: string, input: string): ConvLayer => {
  return { kind: 'conv', name, input, outChannels: 6, kernel: 3, stride: 1, padding: 1 };
};
const concatenating: Network = {
  ...{ name: 'concatenating', ...SMALL },
  layers: [
    ...[conv('a', INPUT), conv('b', 'a')],
    { kind: 'concat', name: 'ab', inputs: ['a', INPUT, 'b'] },
    { kind: 'batch-norm', name: 'ab.bn', input: 'ab' },
    conv('c', 'ab.bn'),
    { kind: 'global-average-pool', name: 'pool', input: 'c' },
    { kind: 'dense', name: 'classifier', input: 'pool', outFeatures: 5 },
  ],
};

test.each<[string, Network, number]>([
  ['ResNet-8', network, 0],
  ['ResNet-8', network, 0.55],
  ['VGG-16', vgg16({ ...SMALL, widthMultiplier: 0.125 }), 0.4],
  ['MobileNetV2', mobileNetV2({ ...SMALL, widthMultiplier: 0.125 }), 0.4],
  ['a network with a concatenation', concatenating, 0.4],
])('an exported subnet of %s gives onnxruntime the logits of the reference (%#)', async (_, net, ratio) => {
  const widths = solveUniformWidths(net, ratio, { minChannels: 1, channelMultiple: 1 });
  const subnet = randomSubnet(net, widths, 3);
  for (const values of Object.values(subnet.batchNorm)) {
    values.scale.forEach((_, i) => {
      values.scale[i] = 1 + 0.3 * Math.sin(i);
      values.shift[i] = 0.2 * Math.cos(i);
      values.mean[i] = 0.1 * Math.sin(3 * i);
      values.variance[i] = 1.5 + Math.cos(2 * i);
    });
  }
  const shape = [BATCH, 1, 12, 12];
  const data = Float32Array.from({ length: BATCH * 144 }, (_, i) => Math.sin(i * i));

  const executor = await createExecutor('reference');
  const program = await executor.compile(inferenceGraph(subnet, { batch: BATCH }));
  const { logits: expected } = await program.run({ input: { shape, data } });
  await program.dispose();

  const session = await InferenceSession.create(exportOnnx(subnet, { batch: BATCH }));
  const { logits: actual } = await session.run({ input: new Tensor('float32', data, shape) });
  await session.release();

  expect(actual!.dims).toEqual([BATCH, 5]);
  const largest = Math.max(...expected!.data.map(Math.abs));
  const values = actual!.data as Float32Array;
  values.forEach((value, i) =>
    expect(Math.abs(value - expected!.data[i]!)).toBeLessThanOrEqual(1e-4 * largest),
  );
});

test('an exported subnet names no operators beyond the standard ones', () => {
  const bytes = exportOnnx(
    randomSubnet(network, solveUniformWidths(network, 0.5, { minChannels: 1, channelMultiple: 1 }), 1),
    {
      batch: 1,
    },
  );
  expect(Buffer.from(bytes).includes('com.microsoft')).toBe(false);
});
