import { costOf, deriveChannelGroups, deriveShapes, vgg16 } from './index.js';

const CIFAR = { channels: 3, height: 32, width: 32 };

test('has the parameters and MACs published for VGG-16-BN at CIFAR size', () => {
  // The usual 14,728,266 parameters and 314.03 M MACs hold a bias per filter, which BatchNorm makes void (4,224 of them,
  // added at 276,480 pixels), and count two MACs per pixel of a BatchNorm.
  const { parameters, macs } = costOf(vgg16({ input: CIFAR, classes: 10 }));
  expect(parameters + 4_224).toBe(14_728_266);
  expect((macs + 3 * 276_480) / 1e6).toBeCloseTo(314.03, 2);
});

test('has 13 convolutions, none tied to another, and ends in one pixel', () => {
  const network = vgg16({ input: CIFAR, classes: 100, widthMultiplier: 0.5 });
  const { groups } = deriveChannelGroups(network);
  expect(groups.map((group) => group.channels)).toEqual([
    ...[32, 32, 64, 64, 128, 128, 128],
    ...[256, 256, 256, 256, 256, 256],
  ]);
  expect(new Set(groups.map((group) => group.producers.length))).toEqual(new Set([1]));
  const shapes = deriveShapes(network);
  expect(shapes.get('stage5.pool')).toEqual({ channels: 256, height: 1, width: 1 });
  expect(shapes.get('classifier')).toEqual({ channels: 100, height: 1, width: 1 });
});

test('pools small images as often as they have pixels', () => {
  const network = vgg16({ input: { channels: 1, height: 28, width: 30 }, classes: 10 });
  const pools = network.layers.filter((layer) => layer.kind === 'max-pool').map((layer) => layer.name);
  expect(pools).toEqual(['stage1.pool', 'stage2.pool', 'stage3.pool', 'stage4.pool']);
  expect(deriveShapes(network).get('stage5.conv3')).toEqual({ channels: 512, height: 1, width: 1 });
});

test('refuses a multiplier that leaves no channel', () => {
  expect(() => vgg16({ input: CIFAR, classes: 10, widthMultiplier: 0.005 })).toThrow(
    /vgg16-bn width multiplier 0.005 leaves a stage without channels: expected at least 0\.0078125$/,
  );
});
