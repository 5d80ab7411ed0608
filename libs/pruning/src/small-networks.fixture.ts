import {
  INPUT,
  imageNetResNet,
  mobileNetV1,
  mobileNetV2,
  resNet,
  vgg16,
  type ImageForm,
  type ImageShape,
  type Layer,
  type Network,
} from '#network';

const INPUT_SHAPE: ImageShape = { channels: 2, height: 9, width: 8 };
const SMALL = { input: INPUT_SHAPE, classes: 4 };

/** ResNet on images of [2, 9, 8] with four classes. */
export const smallResNet = (depth: number, widthMultiplier: number): Network =>
  resNet({ ...SMALL, depth, widthMultiplier });

/** Every layer kind that a ResNet lacks, in few layers: an inverted residual, both pools, groups and dilation. */
export function otherLayerKinds(): Network {
  const conv = (name: string, input: string, outChannels: number, more: object = {}): Layer[] => [
    { kind: 'conv', name, input, outChannels, kernel: 3, stride: 1, padding: 1, ...more },
    { kind: 'batch-norm', name: `${name}.bn`, input: name },
    { kind: 'relu', name: `${name}.relu`, input: `${name}.bn`, max: 6 },
  ];
  const layers: Layer[] = [
    ...conv('stem', INPUT, 6, { dilation: 2, padding: 2 }),
    { kind: 'max-pool', name: 'max', input: 'stem.relu', kernel: 3, stride: 2, padding: 1 },
    ...conv('expand', 'max', 8, { kernel: 1, padding: 0 }),
    ...conv('depthwise', 'expand.relu', 8, { groups: 'depthwise' }),
    ...conv('project', 'depthwise.relu', 6, { kernel: 1, padding: 0 }),
    { kind: 'add', name: 'sum', inputs: ['project.relu', 'max'] },
    { kind: 'average-pool', name: 'average', input: 'sum', kernel: 3, stride: 1, padding: 1 },
    ...conv('before', 'average', 4),
    ...conv('grouped', 'before.relu', 6, { groups: 2 }),
    ...conv('last', 'grouped.relu', 7),
    { kind: 'global-average-pool', name: 'pool', input: 'last.relu' },
    { kind: 'dense', name: 'classifier', input: 'pool', outFeatures: SMALL.classes },
  ];
  return { name: 'other-layer-kinds', ...SMALL, layers };
}

/** Deep networks at an eighth of their width. */
const smallImageNetResNet = (depth: number): Network =>
  imageNetResNet({ ...SMALL, depth, widthMultiplier: 0.125 });
const smallVgg16 = (): Network => vgg16({ ...SMALL, widthMultiplier: 0.125 });
const smallMobileNetV1 = (form: ImageForm): Network =>
  mobileNetV1({ ...SMALL, form, widthMultiplier: 0.125 });
const smallMobileNetV2 = (form: ImageForm): Network =>
  mobileNetV2({ ...SMALL, form, widthMultiplier: 0.125 });

/** Every network that jobs offer, at an eighth of its width, by name. */
export const offeredNetworks = (): [string, Network][] => [
  ...[8, 14, 20, 32, 44, 56].map((depth): [string, Network] => [
    `ResNet-${depth}`,
    smallResNet(depth, 0.125),
  ]),
  ...[18, 34, 50].map((depth): [string, Network] => [`ResNet-${depth}`, smallImageNetResNet(depth)]),
  ['VGG-16', smallVgg16()],
  ['MobileNetV1', smallMobileNetV1('small')],
  ['MobileNetV1 for large images', smallMobileNetV1('imagenet')],
  ['MobileNetV2', smallMobileNetV2('small')],
  ['MobileNetV2 for large images', smallMobileNetV2('imagenet')],
];
