import { LayerList, scaleChannels } from './layer-list.js';
import { INPUT, NetworkError, type ImageShape, type Network } from './network.js';
import { addBasicBlock } from './residual-blocks.js';

export interface ResNetOptions {
  /** 6n + 2, such as 8, 14, 20. */
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
    throw new NetworkError(`resnet depth ${depth}: expected 6n + 2, such as 8, 14, 20`);
  }
  const stages = scaleChannels('resnet', [16, 32, 64], widthMultiplier);
  const list = new LayerList();
  const stem = list.convBn('stem', INPUT, { channels: stages[0]!, kernel: 3 });
  let current = list.add({ kind: 'relu', name: 'stem.relu', input: stem });
  let width = stages[0]!;
  for (const [stage, channels] of stages.entries()) {
    for (let block = 0; block < blocks; block++) {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      const projected = stride !== 1 || width !== channels;
      const name = `stage${stage + 1}.block${block + 1}`;
      current = addBasicBlock(list, name, current, { channels, stride, projected });
      width = channels;
    }
  }
  list.classify(current, classes);
  return { name: `resnet${depth}`, input, classes, layers: list.layers };
}
