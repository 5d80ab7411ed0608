import fc from 'fast-check';
import { conv2d, maxPool, averagePool, type ConvOptions, type PoolOptions, type Shape } from '#graph';
import { compareProgram } from './conformance/compare-program.js';
import { POSITIVE, type OpCase } from './conformance/op-case.js';
import { opProgram } from './conformance/op-program.js';
import { createExecutor, type Executor } from './index.js';

let executor: Executor;
beforeAll(async () => {
  executor = await createExecutor('onnxruntime', { threads: 2 });
});

const upTo = (most: number, least = 1) => fc.integer({ min: least, max: most });

interface Conv {
  readonly images: Shape;
  readonly filters: Shape;
  readonly options: ConvOptions;
}

const convs: fc.Arbitrary<Conv> = fc
  .record({
    batch: upTo(2),
    groups: upTo(4),
    groupChannels: upTo(3),
    groupFilters: upTo(3),
    height: upTo(9),
    width: upTo(9),
    kernel: upTo(3),
    stride: upTo(3),
    padding: upTo(3, 0),
    dilation: upTo(3),
  })
  .filter(
    ({ height, width, kernel, padding, dilation }) =>
      Math.min(height, width) + 2 * padding > dilation * (kernel - 1),
  )
  .map(({ batch, groups, groupChannels, groupFilters, height, width, kernel, ...options }) => ({
    images: [batch, groups * groupChannels, height, width],
    filters: [groups * groupFilters, groupChannels, kernel, kernel],
    options: { groups, ...options },
  }));

const pools: fc.Arbitrary<{ images: Shape; options: PoolOptions }> = fc
  .record({
    images: fc.tuple(upTo(2), upTo(3), upTo(9), upTo(9)),
    options: fc.record({ kernel: upTo(4), stride: upTo(4), padding: upTo(3, 0) }),
  })
  .filter(
    ({ images: [, , height, width], options: { kernel, padding } }) =>
      padding < kernel && Math.min(height, width) + 2 * padding >= kernel,
  );

/** Positive values, as a rule: sums that cancel to about zero would say more of rounding than of the op. */
const errorOf = (item: OpCase) => compareProgram(executor, opProgram('random', item));

test('convolutions of any stride, padding, dilation and groups and their gradients are as the reference has them', async () => {
  await fc.assert(
    fc.asyncProperty(convs, async ({ images, filters, options }) => {
      const build: OpCase['build'] = (x, w) => conv2d(x, w, options);
      expect(await errorOf({ shapes: [images, filters], range: POSITIVE, build })).toBeLessThan(1e-4);
    }),
    { numRuns: 60, seed: 12 },
  );
});

test.each([
  ['maximum', maxPool, { whole: true }],
  ['mean', averagePool, { range: POSITIVE }],
])(
  'the %s of windows of any size, stride and padding and its gradient are as the reference has them',
  async (_, pool, values) => {
    await fc.assert(
      fc.asyncProperty(pools, async ({ images, options }) => {
        expect(await errorOf({ shapes: [images], ...values, build: (x) => pool(x, options) })).toBeLessThan(
          1e-4,
        );
      }),
      { numRuns: 30, seed: 13 },
    );
  },
);
