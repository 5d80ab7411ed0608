import { costOf, deriveChannelGroups, deriveShapes, mobileNetV1 } from './index.js';

const CIFAR = { channels: 3, height: 32, width: 32 };
const IMAGENET = { channels: 3, height: 224, width: 224 };

// Table 6 of the paper: million MACs and parameters at 224x224 and 1000 classes.
test.each([
  [1, 569, 4.2],
  [0.75, 325, 2.6],
  [0.5, 149, 1.3],
  [0.25, 41, 0.5],
])('has the MACs and parameters published at width %d', (widthMultiplier, macs, parameters) => {
  const network = mobileNetV1({ input: IMAGENET, classes: 1000, widthMultiplier, form: 'imagenet' });
  const cost = costOf(network);
  expect(Math.round(cost.macs / 1e6)).toBe(macs);
  expect(Number((cost.parameters / 1e6).toFixed(1))).toBe(parameters);
});

test('for small images keeps the size in the stem alone', () => {
  const network = mobileNetV1({ input: CIFAR, classes: 10 });
  const shapes = deriveShapes(network);
  expect(shapes.get('stem')).toEqual({ channels: 32, height: 32, width: 32 });
  expect(shapes.get('block13.pointwise')).toEqual({ channels: 1024, height: 2, width: 2 });
  const large = mobileNetV1({ input: CIFAR, classes: 10, form: 'imagenet' });
  expect(costOf(network).parameters).toBe(costOf(large).parameters);
});

test('ties every depthwise convolution to what it reads', () => {
  const { groups } = deriveChannelGroups(mobileNetV1({ input: CIFAR, classes: 10, widthMultiplier: 0.25 }));
  expect(groups).toHaveLength(14);
  expect(groups[0]).toEqual({ name: 'stem', channels: 8, producers: ['stem', 'block1.depthwise'] });
  expect(groups.at(-1)).toMatchObject({ channels: 256, producers: ['block13.pointwise'] });
});

test('refuses a multiplier that leaves no channel', () => {
  expect(() => mobileNetV1({ input: CIFAR, classes: 10, widthMultiplier: 0.01 })).toThrow(
    /mobilenetv1 width multiplier 0.01 leaves a stage without channels: expected at least 0\.015625$/,
  );
});
