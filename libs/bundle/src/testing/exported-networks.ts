import { createExecutor } from '#engine';
import { customNetwork, mobileNetV2, resNet, vgg16, type LayerDescription, type Network } from '#network';
import { inferenceGraph, type Subnet } from '#pruning';
import { EVERY_LAYER } from './every-layer.js';
import { noise } from './noisy-family.js';

const INPUT_IMAGES = { input: { channels: 3, height: 32, width: 32 }, classes: 10 };
const SMALL = { input: { channels: 1, height: 12, width: 12 }, classes: 5 };

const unit = (name: string, input: string, outChannels: number): LayerDescription[] => [
  { kind: 'conv', name, input, outChannels, kernel: 3, stride: 1, padding: 1 },
  { kind: 'batch-norm', name: `${name}.bn`, input: name },
  { kind: 'relu', name: `${name}.relu`, input: `${name}.bn` },
];
const concatenating = customNetwork({
  ...{ name: 'concatenating', ...SMALL },
  layers: [
    ...unit('a', 'input', 6),
    ...unit('b', 'a.relu', 6),
    { kind: 'concat', name: 'ab', inputs: ['a.relu', 'input', 'b.relu'] },
    { kind: 'batch-norm', name: 'ab.bn', input: 'ab' },
    ...unit('c', 'ab.bn', 8),
    { kind: 'global-average-pool', name: 'pool', input: 'c.relu' },
    { kind: 'dense', name: 'classifier', input: 'pool' },
  ],
});

/** What exports are tried on. */
export const EXPORTED_NETWORKS: readonly [string, Network][] = [
  ['ResNet-20', resNet({ depth: 20, ...INPUT_IMAGES })],
  ['VGG-16-BN', vgg16({ ...SMALL, widthMultiplier: 0.125 })],
  ['MobileNetV2', mobileNetV2({ ...SMALL, widthMultiplier: 0.125 })],
  ['a description with a concatenation', concatenating],
  ['a description with every kind of layer', EVERY_LAYER],
];

export interface Images {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Images for a network, [batch, channels, height, width]. */
export function imagesFor({ input: { channels, height, width } }: Network, batch: number): Images {
  const shape = [batch, channels, height, width];
  return { shape, data: noise(batch * channels * height * width, 0.5) };
}

/** What the engine that trains gives for the images, [batch, classes]. */
export async function trainedLogits(subnet: Subnet, images: Images): Promise<Float32Array> {
  const executor = await createExecutor('onnxruntime', { threads: 1 });
  const program = await executor.compile(inferenceGraph(subnet, { batch: images.shape[0]! }));
  const { logits } = await program.run({ input: images });
  await program.dispose();
  return logits!.data;
}

/** Largest difference of two results over the largest value of the second. */
export function differenceOf(actual: ArrayLike<number>, expected: Float32Array): number {
  if (actual.length !== expected.length) return Infinity;
  const largest = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, i) => Math.abs(value - actual[i]!))) / largest;
}
