import { LayerList, scaleChannels } from './layer-list.js';
import { INPUT, NetworkError, type ImageShape, type Network } from './network.js';
import { addBasicBlock, addBottleneck } from './residual-blocks.js';

export interface ImageNetResNetOptions {
  /** 18, 34 or 50. */
  readonly depth: number;
  readonly input: ImageShape;
  readonly classes: number;
  /** Multiplies the 64/128/256/512 channels of the four stages; default 1. */
  readonly widthMultiplier?: number;
}

interface Form {
  /** Of every stage. */
  readonly blocks: readonly number[];
  /** What the 1x1 behind a bottleneck multiplies the stage's channels by; 1 stands for basic blocks. */
  readonly expansion: number;
}

/** Table 1 of the paper. */
const FORMS: Readonly<Record<number, Form>> = {
  18: { blocks: [2, 2, 2, 2], expansion: 1 },
  34: { blocks: [3, 4, 6, 3], expansion: 1 },
  50: { blocks: [3, 4, 6, 3], expansion: 4 },
};

/**
 * ResNet for large images (He et al. 2016, arXiv 1512.03385, table 1) as torchvision builds it: a 7x7 stem of stride 2, a
 * 3x3 max pool of stride 2, four stages of basic blocks (18, 34) or bottlenecks with their stride in the 3x3 (50), and
 * 1x1 projections where the shape changes. Small images work too, but leave little to see behind the stem.
 * @throws NetworkError when there is no such depth or the width multiplier leaves no channel.
 */
export function imageNetResNet(options: ImageNetResNetOptions): Network {
  const { depth, input, classes, widthMultiplier = 1 } = options;
  const form = FORMS[depth];
  if (!form) throw new NetworkError(`resnet depth ${depth} is none of ${Object.keys(FORMS).join(', ')}`);
  const stages = scaleChannels('resnet', [64, 128, 256, 512], widthMultiplier);
  const list = new LayerList();
  const stem = list.convBn('stem', INPUT, { channels: stages[0]!, kernel: 7, stride: 2 });
  const active = list.add({ kind: 'relu', name: 'stem.relu', input: stem });
  const window = { kernel: 3, stride: 2, padding: 1 };
  let current = list.add({ kind: 'max-pool', name: 'stem.pool', input: active, ...window });
  let width = stages[0]!;
  for (const [stage, inner] of stages.entries()) {
    for (let block = 0; block < form.blocks[stage]!; block++) {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      const channels = inner * form.expansion;
      const shape = { channels, stride, projected: stride !== 1 || width !== channels };
      const name = `stage${stage + 1}.block${block + 1}`;
      current =
        form.expansion === 1
          ? addBasicBlock(list, name, current, shape)
          : addBottleneck(list, name, current, { ...shape, inner });
      width = channels;
    }
  }
  list.classify(current, classes);
  return { name: `resnet${depth}`, input, classes, layers: list.layers };
}
