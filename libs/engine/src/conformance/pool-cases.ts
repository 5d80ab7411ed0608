import { averagePool, globalAveragePool, maxPool, type PoolOptions, type Shape, type Value } from '#graph';
import { squareGradient } from './elementwise-cases.js';
import type { OpCase, OpCases } from './op-case.js';

const POOLS: readonly (readonly [Shape, PoolOptions])[] = [
  [[2, 3, 6, 4], { kernel: 2, stride: 2 }],
  [[1, 2, 7, 5], { kernel: 2, stride: 2 }],
  [[2, 11, 6, 6], { kernel: 3, stride: 3 }],
  [[2, 1, 7, 6], { kernel: 3, stride: 2, padding: 1 }],
  [[1, 1, 5, 5], { kernel: 3, stride: 1, padding: 1 }],
  [[1, 3, 8, 7], { kernel: 2, stride: 3 }],
  [[1, 2, 6, 6], { kernel: 2, stride: 2, padding: 1 }],
  [[3, 2, 4, 4], { kernel: 4, stride: 1 }],
  [[1, 2, 3, 4], { kernel: 1, stride: 2 }],
];

const pools = (build: (x: Value, options: PoolOptions) => Value, more: Partial<OpCase> = {}): OpCase[] =>
  POOLS.map(([x, options]) => ({
    shapes: [x],
    variant: JSON.stringify(options),
    build: (images) => build(images, options),
    ...more,
  }));

/** Few values, so that most windows have several largest ones; behind a ReLU they often are all zero. */
const TIED: Partial<OpCase> = { range: [-1.4, 1.4], whole: true, gradient: 'by-rule' };

export const POOL_CASES = {
  maxPool: [...pools(maxPool), ...pools(maxPool, TIED)],
  maxPoolGradient: pools((x, options) => squareGradient((y) => maxPool(y, options))(x), {
    gradient: 'none',
  }),
  averagePool: pools(averagePool),
  averagePoolGradient: pools((x, options) => squareGradient((y) => averagePool(y, options))(x)),
  globalAveragePool: [{ shapes: [[2, 3, 3, 5]], build: (x) => globalAveragePool(x) }],
} satisfies OpCases;
