import { costOf, deriveChannelGroups, deriveShapes, mobileNetV2 } from './index.js';

const CIFAR = { channels: 3, height: 32, width: 32 };
const network = mobileNetV2({ input: CIFAR, classes: 10 });

test('has the parameters and MACs published for MobileNetV2 at CIFAR size', () => {
  const shapes = deriveShapes(network);
  const normalised = network.layers
    .filter((layer) => layer.kind === 'batch-norm')
    .map((layer) => shapes.get(layer.name)!)
    .reduce((sum, { channels, height, width }) => sum + channels * height * width, 0);
  const { parameters, macs } = costOf(network);
  expect(parameters).toBe(2_296_922);
  // The usual 94.6 M count two MACs per pixel of a BatchNorm.
  expect((macs + 2 * normalised) / 1e6).toBeCloseTo(94.6, 1);
});

test('ties the expanded channels to the filtered ones and what residual adds tie', () => {
  const { groups, groupOf } = deriveChannelGroups(network);
  const producersOf = (name: string) => groups.find((group) => group.name === name)!.producers;
  expect(producersOf('stage3.block2.expand')).toEqual(['stage3.block2.expand', 'stage3.block2.depthwise']);
  expect(producersOf('stage3.block1.project')).toEqual([
    'stage3.block1.project',
    'stage3.block2.project',
    'stage3.block3.project',
  ]);
  expect(producersOf('stage2.block1.project')).toContain('stage2.block1.shortcut');
  expect(groupOf.get('stage1.block1.depthwise.relu')).toBe('stage1.block1.expand');
  expect(groupOf.get('pool')).toBe('head');
});

test('scales with the width multiplier, the inner channels with their blocks', () => {
  const narrow = mobileNetV2({ input: { ...CIFAR, channels: 1 }, classes: 4, widthMultiplier: 0.125 });
  const shapes = deriveShapes(narrow);
  expect(shapes.get('stem')).toEqual({ channels: 4, height: 32, width: 32 });
  expect(shapes.get('stage6.block1.depthwise')).toEqual({ channels: 72, height: 4, width: 4 });
  expect(shapes.get('head')).toEqual({ channels: 160, height: 4, width: 4 });
  expect(() => mobileNetV2({ input: CIFAR, classes: 10, widthMultiplier: 0.02 })).toThrow(
    /mobilenetv2 width multiplier 0.02 leaves a stage without channels: expected at least 0\.03125$/,
  );
});

describe('in the form for large images', () => {
  const input = { channels: 3, height: 224, width: 224 };
  const large = (widthMultiplier: number) =>
    mobileNetV2({ input, classes: 1000, widthMultiplier, form: 'imagenet' });

  test('has the parameters of torchvision and the MACs of the paper', () => {
    expect(costOf(large(1))).toEqual({ parameters: 3_504_872, macs: 300_774_272 });
  });

  // https://github.com/tensorflow/models/tree/master/research/slim/nets/mobilenet lists MACs and parameters in millions.
  test.each([
    [1.4, 582, 6.06],
    [0.75, 209, 2.61],
    [0.5, 97, 1.95],
    [0.35, 59, 1.66],
  ])('has the MACs and parameters published at width %d', (widthMultiplier, macs, parameters) => {
    const cost = costOf(large(widthMultiplier));
    expect(Math.abs(cost.macs / 1e6 - macs)).toBeLessThan(1);
    expect(Math.abs(cost.parameters / 1e6 - parameters)).toBeLessThan(0.06);
  });

  test('expands nothing in the first block and adds only what has one shape', () => {
    const names = large(1).layers.map((layer) => layer.name);
    expect(names).not.toContain('stage1.block1.expand');
    expect(names.filter((name) => name.endsWith('.add'))).toHaveLength(10);
    expect(names.some((name) => name.endsWith('.shortcut'))).toBe(false);
    const shapes = deriveShapes(large(0.1));
    expect(shapes.get('stem')).toEqual({ channels: 8, height: 112, width: 112 });
    expect(shapes.get('head')).toEqual({ channels: 1280, height: 7, width: 7 });
  });
});
