import { conv2d, gradients, mul, reduceSum, type ConvOptions, type Shape, type Value } from '#graph';
import type { OpCase, OpCases } from './op-case.js';

/** Images [N, C, H, W] and filters [O, C / groups, k, k]. */
type Conv = readonly [Shape, Shape, ConvOptions];

const SMALL: readonly Conv[] = [
  [[2, 3, 5, 5], [4, 3, 3, 3], { stride: 1, padding: 1 }],
  [[1, 1, 7, 6], [1, 1, 3, 3], { stride: 1, padding: 0 }],
  [[2, 2, 7, 5], [3, 2, 3, 3], { stride: 2, padding: 1 }],
  [[2, 2, 8, 6], [3, 2, 3, 3], { stride: 2, padding: 1 }],
  [[1, 3, 6, 6], [2, 3, 1, 1], { stride: 1, padding: 0 }],
  [[2, 3, 7, 6], [2, 3, 1, 1], { stride: 2, padding: 0 }],
  [[1, 2, 4, 4], [2, 2, 1, 1], { stride: 1, padding: 1 }],
  [[1, 1, 9, 11], [2, 1, 5, 5], { stride: 3, padding: 2 }],
  [[2, 1, 3, 3], [2, 1, 3, 3], { stride: 1, padding: 0 }],
  [[1, 2, 4, 4], [3, 2, 3, 3], { stride: 1, padding: 2 }],
  [[1, 2, 1, 1], [3, 2, 3, 3], { stride: 1, padding: 1 }],
  [[1, 1, 5, 5], [1, 1, 2, 2], { stride: 2, padding: 0 }],
];

const DILATED: readonly Conv[] = [
  [[1, 2, 9, 8], [3, 2, 3, 3], { stride: 1, padding: 2, dilation: 2 }],
  [[2, 2, 10, 9], [2, 2, 3, 3], { stride: 2, padding: 1, dilation: 2 }],
  [[1, 1, 8, 7], [1, 1, 3, 3], { stride: 1, padding: 5, dilation: 2 }],
  [[1, 2, 11, 12], [2, 2, 2, 2], { stride: 3, padding: 0, dilation: 3 }],
];

const GROUPED: readonly Conv[] = [
  [[2, 4, 5, 6], [6, 2, 3, 3], { stride: 1, padding: 1, groups: 2 }],
  [[1, 6, 7, 6], [3, 2, 3, 3], { stride: 2, padding: 1, groups: 3 }],
  [[2, 4, 6, 5], [4, 2, 1, 1], { stride: 1, padding: 0, groups: 2 }],
  [[1, 4, 8, 9], [4, 2, 3, 3], { stride: 1, padding: 3, groups: 2, dilation: 3 }],
];

const DEPTHWISE: readonly Conv[] = [
  [[2, 5, 7, 6], [5, 1, 3, 3], { stride: 1, padding: 1, groups: 5 }],
  [[1, 3, 8, 7], [3, 1, 3, 3], { stride: 2, padding: 1, groups: 3 }],
  [[2, 3, 8, 6], [3, 1, 3, 3], { stride: 2, padding: 1, groups: 3 }],
  // Two filters per channel.
  [[2, 3, 6, 6], [6, 1, 3, 3], { stride: 2, padding: 0, groups: 3 }],
  [[1, 2, 9, 8], [2, 1, 3, 3], { stride: 2, padding: 3, groups: 2, dilation: 3 }],
  [[1, 2, 9, 10], [2, 1, 3, 3], { stride: 4, padding: 0, groups: 2 }],
  [[3, 2, 1, 1], [2, 1, 3, 3], { stride: 1, padding: 1, groups: 2 }],
  [[1, 2, 7, 7], [2, 1, 5, 5], { stride: 1, padding: 2, groups: 2 }],
  // More padding than the filter reaches.
  [[1, 2, 4, 5], [2, 1, 1, 1], { stride: 1, padding: 1, groups: 2 }],
];

/** Channel counts around multiples of eight, which some executors lay out in blocks. */
const WIDE: readonly Conv[] = [
  [[2, 8, 6, 6], [16, 8, 3, 3], { stride: 1, padding: 1 }],
  [[1, 11, 9, 7], [13, 11, 3, 3], { stride: 1, padding: 1 }],
  [[3, 16, 8, 8], [24, 16, 3, 3], { stride: 2, padding: 1 }],
  [[2, 17, 7, 8], [9, 17, 3, 3], { stride: 2, padding: 1 }],
  [[1, 9, 8, 8], [20, 9, 1, 1], { stride: 2, padding: 0 }],
  [[2, 19, 5, 5], [7, 19, 1, 1], { stride: 1, padding: 0 }],
  [[2, 3, 12, 12], [16, 3, 3, 3], { stride: 1, padding: 1 }],
  [[1, 16, 6, 5], [16, 1, 3, 3], { stride: 1, padding: 1, groups: 16 }],
  [[2, 19, 8, 8], [19, 1, 3, 3], { stride: 2, padding: 1, groups: 19 }],
];

const caseOf = (
  [images, filters, options]: Conv,
  build: (x: Value, w: Value, options: ConvOptions) => Value,
): OpCase => ({
  shapes: [images, filters],
  variant: JSON.stringify(options),
  build: (x, w) => build(x, w, options),
});

const ALL_SMALL = [...SMALL, ...DILATED, ...GROUPED, ...DEPTHWISE];

/** A gradient of a convolution, with half the squared output as its loss, so that both inputs matter. */
const gradientCases = (of: 0 | 1): OpCase[] =>
  ALL_SMALL.map((conv) =>
    caseOf(conv, (x, w, options) => {
      const y = conv2d(x, w, options);
      const half = mul(reduceSum(mul(y, y), [0, 1, 2, 3]), x.builder.scalar(0.5));
      return gradients(half, [x, w])[of]!;
    }),
  );

/** Strided, padded, dilated, grouped and depthwise; odd sides, one image, one channel. */
export const CONV_CASES = {
  conv2d: [...ALL_SMALL, ...WIDE].map((conv) => caseOf(conv, conv2d)),
  conv2dInputGradient: gradientCases(0),
  conv2dFilterGradient: gradientCases(1),
} satisfies OpCases;
