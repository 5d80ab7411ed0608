import { LayerList, scaleChannels, scaleToMultipleOf8, type ImageForm } from './layer-list.js';
import { INPUT, type ImageShape, type Network } from './network.js';

export interface MobileNetV2Options {
  readonly input: ImageShape;
  readonly classes: number;
  /** Multiplies the channels of stem, stages and head; the blocks' inner channels follow. Default 1. */
  readonly widthMultiplier?: number;
  /** `imagenet` is the paper's own, for 224x224; `small` is the usual one for CIFAR. Default `small`. */
  readonly form?: ImageForm;
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

/** Table 2 of the paper. */
const STAGES: readonly Stage[] = [
  { expansion: 1, channels: 16, blocks: 1, stride: 1 },
  { expansion: 6, channels: 24, blocks: 2, stride: 2 },
  { expansion: 6, channels: 32, blocks: 3, stride: 2 },
  { expansion: 6, channels: 64, blocks: 4, stride: 2 },
  { expansion: 6, channels: 96, blocks: 3, stride: 1 },
  { expansion: 6, channels: 160, blocks: 3, stride: 2 },
  { expansion: 6, channels: 320, blocks: 1, stride: 1 },
];

/** What the two forms do differently. */
interface Form {
  readonly stemStride: number;
  readonly stages: readonly Stage[];
  /** Channels of stem, stages and head. */
  scale(channels: readonly number[], widthMultiplier: number): number[];
  /** An expansion that adds no channel is a convolution too. */
  readonly expandsAlways: boolean;
  /** Every block of stride 1 has a residual add, over a 1x1 projection where the channels change. */
  readonly projects: boolean;
}

const FORMS: Readonly<Record<ImageForm, Form>> = {
  small: {
    stemStride: 1,
    stages: STAGES.map((stage, index) => (index === 1 ? { ...stage, stride: 1 } : stage)),
    scale: (channels, multiplier) => scaleChannels('mobilenetv2', channels, multiplier),
    expandsAlways: true,
    projects: true,
  },
  imagenet: {
    stemStride: 2,
    stages: STAGES,
    // "For multipliers less than one, we apply width multiplier to all layers except the very last convolutional layer."
    scale: (channels, multiplier) =>
      channels.map((each) => scaleToMultipleOf8(each, each === HEAD ? Math.max(1, multiplier) : multiplier)),
    expandsAlways: false,
    projects: false,
  },
};

/**
 * MobileNetV2 (Sandler et al. 2018, arXiv 1801.04381). For large images as in the paper and torchvision: channels in
 * multiples of 8, no expansion in the first block, a residual add where a block's input and output have the same shape, a head
 * that a multiplier below 1 leaves alone. For small images in the form that is usual for CIFAR (2.3 M parameters): strides
 * of 1 in the stem and the second stage, an expansion in every block, and a residual add in every block of stride 1, over
 * a 1x1 projection where the channels change.
 * @throws NetworkError when the width multiplier leaves no channel.
 */
export function mobileNetV2(options: MobileNetV2Options): Network {
  const { input, classes, widthMultiplier = 1 } = options;
  const form = FORMS[options.form ?? 'small'];
  const plain = [STEM, ...form.stages.map((stage) => stage.channels), HEAD];
  const scaled = form.scale(plain, widthMultiplier);
  const list = new LayerList();
  let width = scaled[0]!;
  let current = list.convBnRelu6('stem', INPUT, { channels: width, kernel: 3, stride: form.stemStride });
  for (const [index, { expansion, blocks, stride }] of form.stages.entries()) {
    const channels = scaled[index + 1]!;
    for (let block = 0; block < blocks; block++) {
      const name = `stage${index + 1}.block${block + 1}`;
      const shape = { from: width, inner: width * expansion, to: channels, stride: block === 0 ? stride : 1 };
      current = addInvertedResidual(list, name, current, { ...shape, form });
      width = channels;
    }
  }
  list.classify(list.convBnRelu6('head', current, { channels: scaled.at(-1)!, kernel: 1 }), classes);
  return { name: 'mobilenetv2', input, classes, layers: list.layers };
}

interface BlockShape {
  readonly from: number;
  readonly inner: number;
  readonly to: number;
  readonly stride: number;
  readonly form: Form;
}

/** Expand by 1x1, filter every channel by 3x3, project by 1x1 without an activation. */
function addInvertedResidual(
  list: LayerList,
  name: string,
  input: string,
  { from, inner, to, stride, form }: BlockShape,
): string {
  const expands = form.expandsAlways || inner !== from;
  const expanded = expands
    ? list.convBnRelu6(`${name}.expand`, input, { channels: inner, kernel: 1 })
    : input;
  const depthwise = { channels: inner, kernel: 3, stride, groups: 'depthwise' } as const;
  const filtered = list.convBnRelu6(`${name}.depthwise`, expanded, depthwise);
  const projected = list.convBn(`${name}.project`, filtered, { channels: to, kernel: 1 });
  if (stride !== 1 || (from !== to && !form.projects)) return projected;
  const shortcut = from === to ? input : list.convBn(`${name}.shortcut`, input, { channels: to, kernel: 1 });
  return list.add({ kind: 'add', name: `${name}.add`, inputs: [projected, shortcut] });
}
