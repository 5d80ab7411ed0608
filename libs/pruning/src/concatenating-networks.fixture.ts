import { INPUT, type Layer, type Network } from '#network';

const SMALL = { input: { channels: 2, height: 9, width: 8 }, classes: 4 };

const conv = (name: string, input: string, outChannels: number, more: object = {}): Layer => ({
  ...{ kind: 'conv', name, input, outChannels, kernel: 3, stride: 1, padding: 1 },
  ...more,
});
const convBn = (name: string, input: string, outChannels: number, more: object = {}): Layer[] => [
  conv(name, input, outChannels, more),
  { kind: 'batch-norm', name: `${name}.bn`, input: name },
  { kind: 'relu', name: `${name}.relu`, input: `${name}.bn` },
];
/** BatchNorm and activation before the convolution, as in DenseNet. */
const bnConv = (name: string, input: string, outChannels: number, more: object = {}): Layer[] => [
  { kind: 'batch-norm', name: `${name}.bn`, input },
  { kind: 'relu', name: `${name}.relu`, input: `${name}.bn` },
  conv(name, `${name}.relu`, outChannels, more),
];
const concat = (name: string, ...inputs: string[]): Layer => ({ kind: 'concat', name, inputs });
const POINTWISE = { kernel: 1, padding: 0 };

/** Two dense blocks of two layers each, with a transition: every layer reads what all before it in its block wrote. */
export function denseNetLike(): Network {
  const layers: Layer[] = [
    conv('stem', INPUT, 5),
    ...bnConv('grow1', 'stem', 4),
    concat('joined1', 'stem', 'grow1'),
    ...bnConv('grow2', 'joined1', 3),
    concat('joined2', 'joined1', 'grow2'),
    ...bnConv('transition', 'joined2', 6, POINTWISE),
    { kind: 'average-pool', name: 'halved', input: 'transition', kernel: 2, stride: 2, padding: 0 },
    ...bnConv('grow3', 'halved', 4),
    concat('joined3', 'halved', 'grow3'),
    ...bnConv('grow4', 'joined3', 4),
    concat('joined4', 'joined3', 'grow4'),
    { kind: 'batch-norm', name: 'last.bn', input: 'joined4' },
    { kind: 'relu', name: 'last.relu', input: 'last.bn' },
    { kind: 'global-average-pool', name: 'pool', input: 'last.relu' },
    { kind: 'dense', name: 'classifier', input: 'pool', outFeatures: SMALL.classes },
  ];
  return { name: 'densenet-like', ...SMALL, layers };
}

/**
 * Branches side by side, of which one is the images; a depthwise convolution of a concatenation; a sum of two whose
 * segments agree, and one of two whose segments agree in part; a classifier that reads two pooled layers.
 */
export function inceptionLike(): Network {
  const layers: Layer[] = [
    ...convBn('stem', INPUT, 6),
    ...convBn('one', 'stem.relu', 4, POINTWISE),
    ...convBn('three.reduce', 'stem.relu', 3, POINTWISE),
    ...convBn('three', 'three.reduce.relu', 5),
    { kind: 'max-pool', name: 'branch.pool', input: 'stem.relu', kernel: 3, stride: 1, padding: 1 },
    ...convBn('pooled', 'branch.pool', 3, POINTWISE),
    concat('mixed', 'one.relu', 'three.relu', INPUT, 'pooled.relu'),
    ...convBn('depthwise', 'mixed', 14, { groups: 'depthwise' }),
    ...convBn('again.a', 'depthwise.relu', 4),
    ...convBn('again.b', 'depthwise.relu', 5, POINTWISE),
    concat('again', 'again.a.relu', 'again.b.relu'),
    concat('before', 'one.relu', 'three.relu'),
    { kind: 'add', name: 'agreeing', inputs: ['again', 'before'] },
    ...convBn('left.a', 'agreeing', 4),
    ...convBn('left.b', 'agreeing', 3),
    ...convBn('right.a', 'agreeing', 4),
    ...convBn('right.b', 'agreeing', 2),
    ...convBn('right.c', 'agreeing', 1),
    concat('left', 'left.a.relu', 'left.b.relu'),
    concat('right', 'right.a.relu', 'right.b.relu', 'right.c.relu'),
    { kind: 'add', name: 'agreeing in part', inputs: ['left', 'right'] },
    ...convBn('last', 'agreeing in part', 6),
    { kind: 'global-average-pool', name: 'pool', input: 'last.relu' },
    { kind: 'global-average-pool', name: 'depthwise.pool', input: 'depthwise.relu' },
    concat('features', 'pool', 'depthwise.pool'),
    { kind: 'dense', name: 'classifier', input: 'features', outFeatures: SMALL.classes },
  ];
  return { name: 'inception-like', ...SMALL, layers };
}
