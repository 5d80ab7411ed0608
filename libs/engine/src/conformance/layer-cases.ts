import {
  add,
  batchNormInference,
  batchNormTraining,
  concat,
  crossEntropy,
  dense,
  distillation,
  exp,
  greaterThanZero,
  mul,
  neg,
  reshape,
  sizeOf,
  stopGradient,
  straightThrough,
  sub,
  type Shape,
  type Value,
} from '#graph';
import { POSITIVE, unaryCase, type OpCase, type OpCases } from './op-case.js';

const batchNorm = (shape: Shape): OpCase => ({
  shapes: [shape, [shape[1]!], [shape[1]!]],
  build: (x, scale, shift) => batchNormTraining(x, scale, shift).output,
});

const statistics = (shape: Shape): OpCase => ({
  shapes: [shape, [shape[1]!]],
  gradient: 'by-rule',
  build: (x, scale) => {
    const { mean, variance } = batchNormTraining(x, scale, scale);
    return concat([mean, variance], 0);
  },
});

const inference = (shape: Shape): OpCase => ({
  shapes: [shape, ...Array.from({ length: 4 }, () => [shape[1]!])],
  range: POSITIVE,
  build: (x, scale, shift, mean, variance) => batchNormInference(x, { scale, shift, mean, variance }),
});

/** Labels that no gradient goes to. */
const labels = (logits: Value) =>
  logits.builder.constant({
    shape: logits.shape,
    data: Float32Array.from({ length: sizeOf(logits.shape) }, (_, i) => Number(i % logits.shape[1]! === 1)),
  });

/** Keeps a channel where its mask value is above a threshold, as the masked network does. */
const maskChannels = (x: Value, mask: Value): Value => {
  const excess = sub(mask, mask.builder.scalar(0.1));
  const kept = straightThrough(mask, greaterThanZero(excess));
  return mul(x, reshape(kept, [1, mask.shape[0]!, 1, 1]));
};

/** What is built from several ops: layers and losses. */
export const LAYER_CASES = {
  batchNormTraining: [
    [3, 2, 4, 3],
    [1, 1, 5, 5],
    [6, 3],
    [2, 11, 3, 3],
  ].map(batchNorm),
  batchNormStatistics: [
    [3, 2, 4, 3],
    [4, 9, 2, 2],
  ].map(statistics),
  batchNormInference: [
    [2, 3, 2, 2],
    [4, 3],
  ].map(inference),
  dense: [
    { shapes: [[2, 3], [3, 4], [4]], build: (x, w, b) => dense(x, w, b) },
    { shapes: [[1, 17], [17, 10], [10]], build: (x, w, b) => dense(x, w, b) },
  ],
  softMask: [{ shapes: [[2, 5, 3, 3], [5]], gradient: 'by-rule', build: maskChannels }],
  crossEntropy: [
    unaryCase((x) => crossEntropy(x, labels(x))),
    unaryCase((x) => mul(crossEntropy(x, labels(x), { labelSmoothing: 0.1 }), x.builder.scalar(3))),
  ],
  distillation: [
    unaryCase((x) => distillation(x, stopGradient(neg(labels(x))), { temperature: 3 })),
    unaryCase((x) => mul(distillation(x, labels(x), { temperature: 1 }), x.builder.scalar(0.5))),
    {
      variant: 'detached teacher',
      shapes: [
        [2, 4],
        [2, 4],
      ],
      gradient: 'by-rule',
      build: (student, teacher) => distillation(student, teacher, { temperature: 2 }),
    },
  ],
  'a value used three times': [unaryCase((x) => add(mul(x, exp(x)), x))],
} satisfies OpCases;
