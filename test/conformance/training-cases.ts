import { INPUT, mobileNetV2, resNet, vgg16, type Layer, type Network } from '#network';

/** A network and how it is trained to compare executors. */
export interface TrainingCase {
  readonly network: Network;
  readonly batchSize: number;
  readonly steps: number;
  readonly learningRate: number;
}

const CLASSES = 10;
const LENGTH = { batchSize: 8, steps: 20 };

/**
 * ResNet-20, VGG-16-BN and MobileNetV2 at CIFAR size. The rates are as high as float32 lets 20 steps be repeatable: a
 * change of 2e-7 in all weights turns a few ReLUs over, and what that does to the gradients grows with the rate. It moves
 * the last loss by 2e-5, 3e-4 and 4e-5 of itself, while the losses fall to 0.8, 0.2 and 0.7 of the first.
 */
export function wholeNets(options: { widthMultiplier?: number; steps?: number } = {}): TrainingCase[] {
  const { widthMultiplier = 1, steps = LENGTH.steps } = options;
  const shape = { input: { channels: 3, height: 32, width: 32 }, classes: CLASSES, widthMultiplier };
  return [
    { ...LENGTH, steps, network: resNet({ ...shape, depth: 20 }), learningRate: 5e-3 },
    { ...LENGTH, steps, network: vgg16(shape), learningRate: 4e-6 },
    { ...LENGTH, steps, network: mobileNetV2(shape), learningRate: 4e-4 },
  ];
}

/** A residual block, a max pool and an inverted residual, all of 8 channels: for slow executors. */
export function twoBlockNet(options: { steps?: number } = {}): TrainingCase {
  const layers: Layer[] = [
    ...convBn('stem', INPUT),
    { kind: 'relu', name: 'stem.relu', input: 'stem.bn' },
    ...convBn('conv1', 'stem.relu'),
    { kind: 'relu', name: 'conv1.relu', input: 'conv1.bn' },
    ...convBn('conv2', 'conv1.relu'),
    { kind: 'add', name: 'residual', inputs: ['conv2.bn', 'stem.relu'] },
    { kind: 'relu', name: 'residual.relu', input: 'residual' },
    { kind: 'max-pool', name: 'halved', input: 'residual.relu', kernel: 2, stride: 2, padding: 0 },
    ...convBn('expand', 'halved', { kernel: 1, padding: 0 }),
    { kind: 'relu', name: 'expand.relu', input: 'expand.bn', max: 6 },
    ...convBn('depthwise', 'expand.relu', { groups: 'depthwise' }),
    { kind: 'relu', name: 'depthwise.relu', input: 'depthwise.bn', max: 6 },
    ...convBn('project', 'depthwise.relu', { kernel: 1, padding: 0 }),
    { kind: 'add', name: 'inverted', inputs: ['project.bn', 'halved'] },
    { kind: 'global-average-pool', name: 'pool', input: 'inverted' },
    { kind: 'dense', name: 'classifier', input: 'pool', outFeatures: CLASSES },
  ];
  const input = { channels: 3, height: 12, width: 12 };
  const network = { name: 'two-block-net', input, classes: CLASSES, layers };
  return { ...LENGTH, ...options, network, learningRate: 0.01 };
}

function convBn(name: string, input: string, more: object = {}): Layer[] {
  return [
    { kind: 'conv', name, input, outChannels: 8, kernel: 3, stride: 1, padding: 1, ...more },
    { kind: 'batch-norm', name: `${name}.bn`, input: name },
  ];
}
