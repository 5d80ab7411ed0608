import { costOf, deriveChannelGroups, deriveShapes, imageNetResNet } from './index.js';

const IMAGENET = { channels: 3, height: 224, width: 224 };

// torchvision's table of weights: parameters exactly, and GMACs (which it calls GFLOPS) to two digits.
test.each([
  [18, 11_689_512, 1_814_073_344, 1.81],
  [34, 21_797_672, 3_663_761_408, 3.66],
  [50, 25_557_032, 4_089_184_256, 4.09],
])('ResNet-%d has the parameters and MACs that torchvision publishes', (depth, parameters, macs, giga) => {
  expect(costOf(imageNetResNet({ depth, input: IMAGENET, classes: 1000 }))).toEqual({ parameters, macs });
  expect(macs / 1e9).toBeCloseTo(giga, 2);
});

test('halves the image five times', () => {
  const shapes = deriveShapes(imageNetResNet({ depth: 50, input: IMAGENET, classes: 10 }));
  expect(shapes.get('stem.pool')).toEqual({ channels: 64, height: 56, width: 56 });
  expect(shapes.get('stage1.block3.relu3')).toEqual({ channels: 256, height: 56, width: 56 });
  expect(shapes.get('stage4.block1.conv1')).toEqual({ channels: 512, height: 14, width: 14 });
  expect(shapes.get('stage4.block3.relu3')).toEqual({ channels: 2048, height: 7, width: 7 });
});

test('has groups of its own inside a bottleneck, and one for what a stage adds up', () => {
  const network = imageNetResNet({ depth: 50, input: IMAGENET, classes: 10, widthMultiplier: 0.5 });
  const { groups } = deriveChannelGroups(network);
  const found = (name: string) => groups.find((group) => group.name === name)!;
  expect(found('stage1.block1.conv3')).toEqual({
    name: 'stage1.block1.conv3',
    channels: 128,
    producers: [
      'stage1.block1.conv3',
      'stage1.block1.shortcut',
      'stage1.block2.conv3',
      'stage1.block3.conv3',
    ],
  });
  expect(found('stage2.block1.conv2')).toMatchObject({ channels: 64, producers: ['stage2.block1.conv2'] });
  // The stem, two in each of 16 bottlenecks, one per stage.
  expect(groups).toHaveLength(1 + 2 * 16 + 4);
});

test('ties the stem to the first stage where nothing is projected', () => {
  const { groups } = deriveChannelGroups(imageNetResNet({ depth: 18, input: IMAGENET, classes: 10 }));
  expect(groups[0]!.producers).toEqual(['stem', 'stage1.block1.conv2', 'stage1.block2.conv2']);
});

test('refuses other depths and multipliers that leave no channel', () => {
  const options = { input: IMAGENET, classes: 10 };
  expect(() => imageNetResNet({ ...options, depth: 101 })).toThrow(/resnet depth 101 is none of 18, 34, 50/);
  expect(() => imageNetResNet({ ...options, depth: 18, widthMultiplier: 0.005 })).toThrow(
    /resnet width multiplier 0.005 leaves a stage without channels: expected at least 0\.0078125$/,
  );
});
