import { INPUT, type ConvLayer, type Layer, type Network, type PoolLayer } from '#network';

const conv = (
  name: string,
  input: string,
  outChannels: number,
  more: Partial<ConvLayer> = {},
): ConvLayer => ({
  ...{ kind: 'conv', name, input, outChannels, kernel: 3, stride: 1, padding: 1 },
  ...more,
});
const normalised = (name: string): Layer => ({ kind: 'batch-norm', name: `${name}.bn`, input: name });
const pool = (
  kind: PoolLayer['kind'],
  name: string,
  input: string,
  window: Partial<PoolLayer> = {},
): Layer => ({
  ...{ kind, name, input, kernel: 3, stride: 2, padding: 1 },
  ...window,
});

/**
 * Every kind of layer with every option it has, and what else exports can stumble over: BatchNorm behind something other than
 * a convolution, and behind one that is read twice; names that an exported file uses for something else.
 */
export const EVERY_LAYER: Network = {
  ...{ name: 'every-layer', input: { channels: 2, height: 15, width: 13 }, classes: 5 },
  layers: [
    ...[conv('logits', INPUT, 8), normalised('logits')],
    { kind: 'relu', name: 'logits.weight', input: 'logits.bn', max: 6 },
    ...[conv('a', 'logits.weight', 8, { dilation: 2, padding: 2 }), normalised('a')],
    ...[conv('b', 'a.bn', 8, { groups: 'depthwise', stride: 2, dilation: 2 }), normalised('b')],
    ...[conv('grouped', 'logits.weight', 6, { groups: 2, stride: 2 }), normalised('grouped')],
    conv('twice', 'b.bn', 6, { kernel: 1, padding: 0 }),
    normalised('twice'),
    { kind: 'relu', name: 'twice.relu', input: 'twice' },
    { kind: 'add', name: 'sum', inputs: ['twice.bn', 'twice.relu'] },
    ...[pool('max-pool', 'max', 'grouped.bn', { stride: 1 }), pool('average-pool', 'mean', 'sum')],
    ...[pool('max-pool', 'max2', 'max', { kernel: 2, padding: 0 })],
    ...[conv('d', 'max2', 7, { stride: 1 }), pool('average-pool', 'mean2', 'd', { kernel: 2, stride: 1 })],
    ...[conv('e', 'mean', 4, { kernel: 2, stride: 1 })],
    { kind: 'concat', name: 'joined', inputs: ['mean2', 'e', 'mean2'] },
    normalised('joined'),
    { kind: 'global-average-pool', name: 'pool', input: 'joined.bn' },
    { kind: 'dense', name: 'hidden', input: 'pool', outFeatures: 9 },
    { kind: 'relu', name: 'hidden.relu', input: 'hidden' },
    { kind: 'concat', name: 'vectors', inputs: ['hidden.relu', 'pool'] },
    { kind: 'dense', name: 'classifier', input: 'vectors', outFeatures: 5 },
  ],
};
