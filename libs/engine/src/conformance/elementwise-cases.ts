import {
  add,
  channelAffine,
  div,
  exp,
  gradients,
  greaterThanZero,
  log,
  mul,
  neg,
  reciprocal,
  reduceSum,
  relu,
  relu6,
  sqrt,
  sub,
  type BinaryOp,
  type Shape,
  type UnaryOp,
  type Value,
} from '#graph';
import { POSITIVE, unaryCase, type OpCase, type OpCases } from './op-case.js';

const BROADCAST: readonly (readonly [Shape, Shape])[] = [
  [
    [2, 3],
    [2, 3],
  ],
  [
    [2, 3, 4],
    [3, 1],
  ],
  [
    [3, 1],
    [1, 4],
  ],
  [[], [2, 2]],
  [[1], [5]],
  [
    [2, 3, 2, 2],
    [1, 3, 1, 1],
  ],
];

const broadcasting = (build: (a: Value, b: Value) => Value): OpCase[] =>
  BROADCAST.map((shapes) => ({ shapes, range: POSITIVE, build: (a, b) => build(a, b) }));

/** The gradient of half the squared output: an op's gradient as an op of its own. */
export function squareGradient(build: (x: Value) => Value): (x: Value) => Value {
  return (x) => {
    const y = build(x);
    const half = mul(reduceSum(mul(y, y), [...y.shape.keys()]), x.builder.scalar(0.5));
    return gradients(half, [x])[0]!;
  };
}

/** Around the steps of ReLU and ReLU6, and on them. */
const STEPS: Partial<OpCase> = { shapes: [[4, 37]], range: [-2.4, 8.4], whole: true, gradient: 'by-rule' };

export const ELEMENTWISE_CASES = {
  add: broadcasting(add),
  sub: broadcasting(sub),
  mul: broadcasting(mul),
  div: broadcasting(div),
  neg: [unaryCase(neg)],
  exp: [unaryCase(exp)],
  log: [unaryCase(log, { range: POSITIVE })],
  sqrt: [unaryCase(sqrt, { range: POSITIVE })],
  reciprocal: [unaryCase(reciprocal, { range: POSITIVE })],
  relu: [unaryCase(relu), unaryCase(relu, STEPS)],
  relu6: [unaryCase(relu6, { range: [-3, 9] }), unaryCase(relu6, STEPS)],
  greaterThanZero: [unaryCase((x) => mul(greaterThanZero(x), x)), unaryCase(greaterThanZero, STEPS)],
  reluGradient: [unaryCase(squareGradient(relu)), unaryCase(squareGradient(relu), STEPS)],
  relu6Gradient: [
    unaryCase(squareGradient(relu6), { range: [-3, 9] }),
    unaryCase(squareGradient(relu6), STEPS),
  ],
  channelAffine: [
    { shapes: [[2, 3, 4, 5], [3], [3]], build: (x, scale, shift) => channelAffine(x, scale, shift) },
    { shapes: [[2, 11, 3, 2], [11]], build: (x, scale) => channelAffine(x, scale) },
    { shapes: [[1, 1, 3, 3], [1], [1]], build: (x, scale, shift) => channelAffine(x, scale, shift) },
    { shapes: [[4, 3], [3], [3]], build: (x, scale, shift) => channelAffine(x, scale, shift) },
  ],
} satisfies Record<UnaryOp | BinaryOp, readonly OpCase[]> & OpCases;
