import { LayerList, scaleChannels } from './layer-list.js';
import { INPUT, type ImageShape, type Network } from './network.js';

export interface VggOptions {
  readonly input: ImageShape;
  readonly classes: number;
  /** Multiplies the 64/128/256/512/512 channels of the five stages; default 1. */
  readonly widthMultiplier?: number;
}

/** Convolutions of every stage: configuration D of the paper's table 1. */
const STAGES = [2, 2, 3, 3, 3];
const CHANNELS = [64, 128, 256, 512, 512];

/**
 * VGG-16 with BatchNorm for small images (Simonyan & Zisserman 2015, arXiv 1409.1556, configuration D): 13 convolutions
 * without bias, a 2x2 max pool behind every stage, and in place of the three dense layers a global average pool and one
 * classifier. A stage whose image has one row or column left is not pooled, so 28x28 images work too.
 * @throws NetworkError when the width multiplier leaves no channel.
 */
export function vgg16(options: VggOptions): Network {
  const { input, classes, widthMultiplier = 1 } = options;
  const channels = scaleChannels('vgg16-bn', CHANNELS, widthMultiplier);
  const list = new LayerList();
  let current = INPUT;
  let side = Math.min(input.height, input.width);
  for (const [stage, convolutions] of STAGES.entries()) {
    const prefix = `stage${stage + 1}`;
    for (let index = 1; index <= convolutions; index++) {
      const name = `${prefix}.conv${index}`;
      const normalised = list.convBn(name, current, { channels: channels[stage]!, kernel: 3 });
      current = list.add({ kind: 'relu', name: `${name}.relu`, input: normalised });
    }
    if (side < 2) continue;
    const window = { kernel: 2, stride: 2, padding: 0 };
    current = list.add({ kind: 'max-pool', name: `${prefix}.pool`, input: current, ...window });
    side = Math.floor(side / 2);
  }
  list.classify(current, classes);
  return { name: 'vgg16-bn', input, classes, layers: list.layers };
}
