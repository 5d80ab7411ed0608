import { resNet } from '#network';
import { randomSubnet } from './index.js';
import { initialParameters } from './initialise.js';
import { randomGenerator } from './random-generator.js';

const network = resNet({ depth: 8, input: { channels: 3, height: 8, width: 8 }, classes: 10 });
const deviationOf = (data: Float32Array) => Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / data.length);

test('random numbers are uniform and normal, and the seed decides them', () => {
  const random = randomGenerator(7);
  const uniform = Array.from({ length: 20_000 }, () => random.uniform());
  expect(Math.min(...uniform)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...uniform)).toBeLessThan(1);
  expect(uniform.reduce((a, b) => a + b) / uniform.length).toBeCloseTo(0.5, 1);
  const normal = Float32Array.from({ length: 20_000 }, () => random.normal());
  expect(normal.reduce((a, b) => a + b) / normal.length).toBeCloseTo(0, 1);
  expect(deviationOf(normal)).toBeCloseTo(1, 1);
  expect(randomGenerator(7).uniform()).toBe(uniform[0]);
  expect(randomGenerator(8).uniform()).not.toBe(uniform[0]);
});

test('weights have the variance of their fan-in and biases are zero', () => {
  const parameters = initialParameters(network, 1);
  const wide = parameters['stage3.block1.conv2.weight']!;
  expect(wide.shape).toEqual([64, 64, 3, 3]);
  expect(deviationOf(wide.data)).toBeCloseTo(Math.sqrt(2 / (64 * 9)), 3);
  // He's variance would give 1.41 times as much.
  const overExpected = deviationOf(parameters['classifier.weight']!.data) * 8;
  expect(overExpected).toBeGreaterThan(0.9);
  expect(overExpected).toBeLessThan(1.1);
  expect(new Set(parameters['classifier.bias']!.data)).toEqual(new Set([0]));
});

test('a random subnet has the sizes of its widths and the numbers of its seed', () => {
  const widths = { stem: 3, 'stage1.block1.conv1': 2, 'stage2.block1.conv1': 5, 'stage2.block1.conv2': 4 };
  const all = { ...widths, 'stage3.block1.conv1': 6, 'stage3.block1.conv2': 7 };
  const subnet = randomSubnet(network, all, 3);
  expect(subnet.parameters['stage2.block1.shortcut.weight']!.shape).toEqual([4, 3, 1, 1]);
  expect(subnet.parameters['classifier.weight']!.shape).toEqual([7, 10]);
  expect(subnet.batchNorm['stem.bn']).toEqual({
    scale: Float32Array.of(1, 1, 1),
    shift: Float32Array.of(0, 0, 0),
    mean: Float32Array.of(0, 0, 0),
    variance: Float32Array.of(1, 1, 1),
  });
  expect(randomSubnet(network, all, 3)).toEqual(subnet);
  expect(randomSubnet(network, all, 4).parameters).not.toEqual(subnet.parameters);
});
