import { LayerList, scaleChannels } from './layer-list.js';
import { INPUT, type ImageShape, type Network } from './network.js';

export interface MobileNetV2Options {
  readonly input: ImageShape;
  readonly classes: number;
  /** Multiplies the channels of stem, stages and head; the blocks' inner channels follow. Default 1. */
  readonly widthMultiplier?: number;
}

interface Stage {
  /** Inner channels of a block over its input's. */
  readonly expansion: number;
  readonly channels: number;
  readonly blocks: number;
  /** Of the first block. */
  readonly stride: number;
}

const STEM = 32;
const HEAD = 1280;

/** Table 2 of the paper, with stride 1 in place of 2 in the second stage, as images are small. */
const STAGES: readonly Stage[] = [
  { expansion: 1, channels: 16, blocks: 1, stride: 1 },
  { expansion: 6, channels: 24, blocks: 2, stride: 1 },
  { expansion: 6, channels: 32, blocks: 3, stride: 2 },
  { expansion: 6, channels: 64, blocks: 4, stride: 2 },
  { expansion: 6, channels: 96, blocks: 3, stride: 1 },
  { expansion: 6, channels: 160, blocks: 3, stride: 2 },
  { expansion: 6, channels: 320, blocks: 1, stride: 1 },
];

/**
 * MobileNetV2 for small images (Sandler et al. 2018, arXiv 1801.04381), in the form that is usual for CIFAR (2.3 M
 * parameters): a stem of stride 1, an expansion in every block, and a residual add in every block of stride 1, over a
 * 1x1 projection where the channels change.
 * @throws NetworkError when the width multiplier leaves no channel.
 */
export function mobileNetV2(options: MobileNetV2Options): Network {
  const { input, classes, widthMultiplier = 1 } = options;
  const plain = [STEM, ...STAGES.map((stage) => stage.channels), HEAD];
  const scaled = scaleChannels('mobilenetv2', plain, widthMultiplier);
  const list = new LayerList();
  let current = addConvRelu6(list, 'stem', INPUT, { channels: scaled[0]!, kernel: 3 });
  let width = scaled[0]!;
  for (const [index, { expansion, blocks, stride }] of STAGES.entries()) {
    const channels = scaled[index + 1]!;
    for (let block = 0; block < blocks; block++) {
      current = addInvertedResidual(list, `stage${index + 1}.block${block + 1}`, current, {
        from: width,
        inner: width * expansion,
        to: channels,
        stride: block === 0 ? stride : 1,
      });
      width = channels;
    }
  }
  list.classify(addConvRelu6(list, 'head', current, { channels: scaled.at(-1)!, kernel: 1 }), classes);
  return { name: 'mobilenetv2', input, classes, layers: list.layers };
}

/** Expand by 1x1, filter every channel by 3x3, project by 1x1 without an activation. */
function addInvertedResidual(
  list: LayerList,
  name: string,
  input: string,
  { from, inner, to, stride }: { from: number; inner: number; to: number; stride: number },
): string {
  const expanded = addConvRelu6(list, `${name}.expand`, input, { channels: inner, kernel: 1 });
  const depthwise = { channels: inner, kernel: 3, stride, groups: 'depthwise' } as const;
  const filtered = addConvRelu6(list, `${name}.depthwise`, expanded, depthwise);
  const projected = list.convBn(`${name}.project`, filtered, { channels: to, kernel: 1 });
  if (stride !== 1) return projected;
  const shortcut = from === to ? input : list.convBn(`${name}.shortcut`, input, { channels: to, kernel: 1 });
  return list.add({ kind: 'add', name: `${name}.add`, inputs: [projected, shortcut] });
}

function addConvRelu6(
  list: LayerList,
  name: string,
  input: string,
  options: Parameters<LayerList['convBn']>[2],
): string {
  return list.add({ kind: 'relu', name: `${name}.relu`, input: list.convBn(name, input, options), max: 6 });
}
