import {
  broadcastTo,
  concat,
  logSoftmax,
  matMul,
  pad,
  reduceMean,
  reduceSum,
  reshape,
  sliceLeading,
  transpose,
  type MatMulOptions,
  type Shape,
} from '#graph';
import { unaryCase, type OpCase, type OpCases } from './op-case.js';

const product = (a: Shape, b: Shape, options: MatMulOptions = {}): OpCase => ({
  shapes: [a, b],
  variant: JSON.stringify(options),
  build: (left, right) => matMul(left, right, options),
});

const concatenation = (axis: number, ...shapes: Shape[]): OpCase => ({
  shapes,
  build: (...values) => concat(values, axis),
});

/** What moves values, adds them up or multiplies matrices. */
export const LAYOUT_CASES = {
  reduceSum: [
    unaryCase((x) => reduceSum(x, [0])),
    unaryCase((x) => reduceSum(x, [-1], { keepDims: true })),
    unaryCase((x) => reduceSum(x, [0, 1])),
    { shapes: [[2, 3, 4, 5]], build: (x) => reduceSum(x, [3, 0, 2]) },
  ],
  reduceMean: [
    unaryCase((x) => reduceMean(x, [1])),
    unaryCase((x) => reduceMean(x, [])),
    { shapes: [[2, 3, 4, 5]], build: (x) => reduceMean(x, [0, 2, 3], { keepDims: true }) },
    { shapes: [[1, 1, 1, 1]], build: (x) => reduceMean(x, [2, 3]) },
  ],
  reshape: [unaryCase((x) => reshape(x, [5, 1, 3])), { shapes: [[1, 1]], build: (x) => reshape(x, []) }],
  broadcastTo: [
    { shapes: [[3, 1]], build: (x) => broadcastTo(x, [2, 3, 4]) },
    { shapes: [[]], build: (x) => broadcastTo(x, [2, 2]) },
  ],
  transpose: [
    unaryCase((x) => transpose(x, [1, 0])),
    { shapes: [[2, 3, 4]], build: (x) => transpose(x, [2, 0, 1]) },
    { shapes: [[2, 3, 4, 5]], build: (x) => transpose(x, [1, 0, 3, 2]) },
  ],
  // A subnet's part of a shared weight: the first channels on both sides.
  slice: [
    unaryCase((x) => sliceLeading(x, [2, 4])),
    { shapes: [[4, 3, 3, 3]], build: (x) => sliceLeading(x, [1, 2, 3, 3]) },
    { shapes: [[16, 12, 1, 1]], build: (x) => sliceLeading(x, [11, 9, 1, 1]) },
    { shapes: [[16]], build: (x) => sliceLeading(x, [7]) },
  ],
  pad: [
    unaryCase((x) => pad(x, [1, 0], [0, 2])),
    { shapes: [[1, 2, 2, 2]], build: (x) => pad(x, [0, 0, 1, 1], [0, 0, 1, 2]) },
  ],
  concat: [concatenation(1, [2, 1], [2, 3], [2, 2]), concatenation(0, [1, 2], [3, 2])],
  matMul: [
    product([2, 3], [3, 4]),
    product([3, 2], [3, 4], { transposeA: true }),
    product([2, 3], [4, 3], { transposeB: true }),
    product([3, 2], [4, 3], { transposeA: true, transposeB: true }),
    product([1, 1], [1, 1]),
    product([5, 19], [19, 11]),
  ],
  logSoftmax: [unaryCase(logSoftmax), { shapes: [[2, 1]], build: (x) => logSoftmax(x) }],
} satisfies OpCases;
