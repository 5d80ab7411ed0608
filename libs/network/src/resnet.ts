import { INPUT, NetworkError, type ImageShape, type Layer, type Network } from './network.js';

export interface ResNetOptions {
  /** 6n + 2: 8, 14, 20, 32, 44, 56. */
  readonly depth: number;
  readonly input: ImageShape;
  readonly classes: number;
  /** Multiplies the 16/32/64 channels of the three stages; default 1. */
  readonly widthMultiplier?: number;
}

/**
 * ResNet for small images (He et al. 2016, section 4.2): a 3x3 stem and three stages of n basic blocks with 16, 32 and 64
 * channels; 1x1 projections where the shape changes.
 * @throws NetworkError when the depth is not 6n + 2 or the width multiplier leaves no channel.
 */
export function resNet(options: ResNetOptions): Network {
  const { depth, input, classes, widthMultiplier = 1 } = options;
  const blocks = (depth - 2) / 6;
  if (!Number.isInteger(blocks) || blocks < 1) {
    throw new NetworkError(`resnet depth ${depth} is not 6n + 2 (8, 14, 20, 32, 44, 56)`);
  }
  const stages = [16, 32, 64].map((channels) => Math.round(channels * widthMultiplier));
  if (stages.some((channels) => channels < 1)) {
    throw new NetworkError(`resnet width multiplier ${widthMultiplier} leaves a stage without channels`);
  }
  const layers: Layer[] = [];
  const convBn = (name: string, from: string, outChannels: number, kernel: number, stride: number) => {
    layers.push({ kind: 'conv', name, input: from, outChannels, kernel, stride, padding: (kernel - 1) / 2 });
    layers.push({ kind: 'batch-norm', name: `${name}.bn`, input: name });
    return `${name}.bn`;
  };
  const relu = (name: string, from: string) => {
    layers.push({ kind: 'relu', name, input: from });
    return name;
  };
  let current = relu('stem.relu', convBn('stem', INPUT, stages[0]!, 3, 1));
  let width = stages[0]!;
  for (const [stage, channels] of stages.entries()) {
    for (let block = 0; block < blocks; block++) {
      const prefix = `stage${stage + 1}.block${block + 1}`;
      const stride = stage > 0 && block === 0 ? 2 : 1;
      const inner = relu(`${prefix}.relu1`, convBn(`${prefix}.conv1`, current, channels, 3, stride));
      const main = convBn(`${prefix}.conv2`, inner, channels, 3, 1);
      const projected = stride !== 1 || width !== channels;
      const shortcut = projected ? convBn(`${prefix}.shortcut`, current, channels, 1, stride) : current;
      layers.push({ kind: 'add', name: `${prefix}.add`, inputs: [main, shortcut] });
      current = relu(`${prefix}.relu2`, `${prefix}.add`);
      width = channels;
    }
  }
  layers.push({ kind: 'global-average-pool', name: 'pool', input: current });
  layers.push({ kind: 'dense', name: 'classifier', input: 'pool', outFeatures: classes });
  return { name: `resnet${depth}`, input, classes, layers };
}
