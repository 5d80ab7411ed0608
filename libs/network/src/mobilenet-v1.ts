import { LayerList, scaleChannels, type ImageForm } from './layer-list.js';
import { INPUT, type ImageShape, type Network } from './network.js';

export interface MobileNetV1Options {
  readonly input: ImageShape;
  readonly classes: number;
  /** Multiplies the channels of stem and blocks (the paper's alpha); default 1. */
  readonly widthMultiplier?: number;
  /** `imagenet` is the paper's own, for 224x224; `small` leaves out the stem's stride. Default `small`. */
  readonly form?: ImageForm;
}

const STEM = 32;

/** Table 1 of the paper, whose last stride of 2 is a misprint: 7x7 stays 7x7 there. */
const CHANNELS = [64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024];
/** Blocks, counted from 0, that halve the image. */
const HALVING = new Set([1, 3, 5, 11]);

/**
 * MobileNetV1 (Howard et al. 2017, arXiv 1704.04861): a 3x3 stem and 13 blocks of a depthwise 3x3 and a pointwise 1x1
 * convolution, each with BatchNorm and ReLU.
 * @throws NetworkError when the width multiplier leaves no channel.
 */
export function mobileNetV1(options: MobileNetV1Options): Network {
  const { input, classes, widthMultiplier = 1, form = 'small' } = options;
  const [first, ...channels] = scaleChannels('mobilenetv1', [STEM, ...CHANNELS], widthMultiplier);
  const list = new LayerList();
  let width = first!;
  const stem = { channels: width, kernel: 3, stride: form === 'imagenet' ? 2 : 1 };
  let current = addConvRelu(list, 'stem', INPUT, stem);
  for (const [index, to] of channels.entries()) {
    const name = `block${index + 1}`;
    const stride = HALVING.has(index) ? 2 : 1;
    const depthwise = { channels: width, kernel: 3, stride, groups: 'depthwise' } as const;
    const filtered = addConvRelu(list, `${name}.depthwise`, current, depthwise);
    current = addConvRelu(list, `${name}.pointwise`, filtered, { channels: to, kernel: 1 });
    width = to;
  }
  list.classify(current, classes);
  return { name: 'mobilenetv1', input, classes, layers: list.layers };
}

function addConvRelu(
  list: LayerList,
  name: string,
  input: string,
  options: Parameters<LayerList['convBn']>[2],
): string {
  return list.add({ kind: 'relu', name: `${name}.relu`, input: list.convBn(name, input, options) });
}
