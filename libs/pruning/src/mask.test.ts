import { INPUT, type Network } from '#network';
import { initialMask } from './mask.js';

const vector = (...values: number[]) => ({ shape: [values.length], data: Float32Array.from(values) });
const conv = { kind: 'conv', kernel: 1, stride: 1, padding: 0 } as const;
const network: Network = {
  ...{ name: 'n', input: { channels: 1, height: 2, width: 2 }, classes: 2 },
  layers: [
    { ...conv, name: 'a', input: INPUT, outChannels: 2 },
    { kind: 'batch-norm', name: 'a.bn', input: 'a' },
    { ...conv, name: 'b', input: INPUT, outChannels: 2 },
    { kind: 'concat', name: 'ab', inputs: [INPUT, 'b', 'a.bn'] },
    { kind: 'batch-norm', name: 'ab.bn', input: 'ab' },
    { ...conv, name: 'c', input: 'ab.bn', outChannels: 2 },
    { kind: 'global-average-pool', name: 'pool', input: 'c' },
    { kind: 'dense', name: 'classifier', input: 'pool', outFeatures: 2 },
  ],
};
// a: |1| + 4 and |-2| + 1, mean 4; b: 1 and 3, mean 2; nothing is known of c.
const scales = { 'a.bn.scale': vector(1, -2), 'ab.bn.scale': vector(9, 1, 3, 4, 1) };

test('begins with the scales behind a convolution and behind a concatenation, relative to their mean', () => {
  expect(initialMask(network, scales, 'scale')).toEqual({
    a: Float32Array.of(5 / 4, 3 / 4),
    b: Float32Array.of(0.5, 1.5),
    c: Float32Array.of(1, 1),
  });
});

test('begins with even steps in the order of the scales', () => {
  expect(initialMask(network, scales, 'rank')).toEqual({
    a: Float32Array.of(1, 0.5),
    b: Float32Array.of(0.5, 1),
    c: Float32Array.of(1, 0.5),
  });
});
