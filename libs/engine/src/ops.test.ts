import {
  BN_EPSILON,
  GraphBuilder,
  add,
  averagePool,
  batchNormInference,
  batchNormTraining,
  broadcastTo,
  concat,
  conv2d,
  crossEntropy,
  dense,
  distillation,
  div,
  exp,
  globalAveragePool,
  gradients,
  greaterThanZero,
  log,
  logSoftmax,
  matMul,
  maxPool,
  mul,
  neg,
  pad,
  reciprocal,
  reduceMean,
  reduceSum,
  relu,
  relu6,
  reshape,
  sizeOf,
  sliceLeading,
  sqrt,
  stopGradient,
  straightThrough,
  sub,
  transpose,
  type ConvOptions,
  type Graph,
  type NodeOp,
  type PoolOptions,
  type Shape,
  type Tensor,
  type Value,
} from '#graph';
import { createExecutor, evaluate, type Executor } from './index.js';

/** What is tried of one op: shapes of its inputs, drawn from a range, and the op itself. */
interface Case {
  readonly shapes: readonly Shape[];
  /** Default -2..2. */
  readonly range?: readonly [number, number];
  readonly build: (...inputs: Value[]) => Value;
}

const positive = [0.3, 2] as const;
const one = (build: (x: Value) => Value, range?: readonly [number, number]): Case => ({
  shapes: [[3, 5]],
  build: (x) => build(x),
  ...(range ? { range } : {}),
});

const broadcasting = (build: (a: Value, b: Value) => Value): Case[] =>
  [
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
  ].map((shapes) => ({ shapes, range: positive, build: (a, b) => build(a, b) }));

/** [N, C, H, W], [O, C, k, k], stride, padding. */
const CONVS: readonly (readonly [Shape, Shape, number, number])[] = [
  [[2, 3, 5, 5], [4, 3, 3, 3], 1, 1],
  [[1, 1, 7, 6], [1, 1, 3, 3], 1, 0],
  [[2, 2, 7, 5], [3, 2, 3, 3], 2, 1],
  [[2, 2, 8, 6], [3, 2, 3, 3], 2, 1],
  [[1, 3, 6, 6], [2, 3, 1, 1], 1, 0],
  [[2, 3, 7, 6], [2, 3, 1, 1], 2, 0],
  [[1, 2, 4, 4], [2, 2, 1, 1], 1, 1],
  [[1, 1, 9, 11], [2, 1, 5, 5], 3, 2],
  [[2, 1, 3, 3], [2, 1, 3, 3], 1, 0],
  [[1, 2, 4, 4], [3, 2, 3, 3], 1, 2],
  [[1, 2, 1, 1], [3, 2, 3, 3], 1, 1],
  [[1, 1, 5, 5], [1, 1, 2, 2], 2, 0],
];
const convs = (build: (x: Value, w: Value, options: { stride: number; padding: number }) => Value): Case[] =>
  CONVS.map(([x, w, stride, padding]) => ({
    shapes: [x, w],
    build: (images, filters) => build(images, filters, { stride, padding }),
  }));
const SPLIT_CONVS: readonly (readonly [Shape, Shape, ConvOptions])[] = [
  [[2, 4, 5, 6], [6, 2, 3, 3], { stride: 1, padding: 1, groups: 2 }],
  [[2, 4, 7, 6], [4, 1, 3, 3], { stride: 1, padding: 1, groups: 4 }],
  [[1, 3, 8, 7], [3, 1, 3, 3], { stride: 2, padding: 1, groups: 3 }],
  [[2, 3, 6, 6], [6, 1, 3, 3], { stride: 2, padding: 0, groups: 3 }],
  [[1, 2, 9, 8], [3, 2, 3, 3], { stride: 1, padding: 2, dilation: 2 }],
  [[1, 2, 9, 8], [2, 1, 3, 3], { stride: 2, padding: 3, dilation: 3, groups: 2 }],
];
const splitConvs = (build: (x: Value, w: Value, options: ConvOptions) => Value): Case[] =>
  SPLIT_CONVS.map(([x, w, options]) => ({ shapes: [x, w], build: (a, b) => build(a, b, options) }));
const POOLS: readonly (readonly [Shape, PoolOptions])[] = [
  [[2, 3, 6, 4], { kernel: 2, stride: 2 }],
  [[1, 2, 7, 5], { kernel: 2, stride: 2 }],
  [[2, 1, 7, 6], { kernel: 3, stride: 2, padding: 1 }],
  [[1, 1, 5, 5], { kernel: 3, stride: 1, padding: 1 }],
  [[1, 3, 8, 7], { kernel: 2, stride: 3 }],
];
const pools = (build: (x: Value, options: PoolOptions) => Value): Case[] =>
  POOLS.map(([x, options]) => ({ shapes: [x], build: (a) => build(a, options) }));
const firstGradient = (build: (x: Value) => Value) => (x: Value) => {
  const y = build(x);
  return gradients(reduceSum(mul(y, y), [...y.shape.keys()]), [x])[0]!;
};

/** A gradient of a convolution, with the squared output as its loss, so that both inputs matter. */
const convGradient = (of: 0 | 1): Case[] =>
  convs((x, w, options) => {
    const y = conv2d(x, w, options);
    return gradients(reduceSum(mul(y, y), [0, 1, 2, 3]), [x, w])[of]!;
  });

const NODE_CASES: Readonly<Record<NodeOp, readonly Case[]>> = {
  add: broadcasting(add),
  sub: broadcasting(sub),
  mul: broadcasting(mul),
  div: broadcasting(div),
  neg: [one(neg)],
  exp: [one(exp)],
  log: [one(log, positive)],
  sqrt: [one(sqrt, positive)],
  reciprocal: [one(reciprocal, positive)],
  relu: [one(relu)],
  relu6: [one(relu6, [-3, 9])],
  relu6Gradient: [one(firstGradient(relu6), [-3, 9])],
  greaterThanZero: [one((x) => mul(greaterThanZero(x), x))],
  reluGradient: [one((x) => gradients(reduceSum(mul(relu(x), relu(x)), [0, 1]), [x])[0]!)],
  reduceSum: [
    one((x) => reduceSum(x, [0])),
    one((x) => reduceSum(x, [-1], { keepDims: true })),
    one((x) => reduceSum(x, [0, 1])),
    { shapes: [[2, 3, 4, 5]], build: (x) => reduceSum(x, [3, 0, 2]) },
  ],
  reduceMean: [
    one((x) => reduceMean(x, [1])),
    one((x) => reduceMean(x, [])),
    { shapes: [[2, 3, 4, 5]], build: (x) => reduceMean(x, [0, 2, 3], { keepDims: true }) },
    { shapes: [[1, 1, 1, 1]], build: (x) => reduceMean(x, [2, 3]) },
  ],
  reshape: [one((x) => reshape(x, [5, 1, 3])), { shapes: [[1, 1]], build: (x) => reshape(x, []) }],
  broadcastTo: [
    { shapes: [[3, 1]], build: (x) => broadcastTo(x, [2, 3, 4]) },
    { shapes: [[]], build: (x) => broadcastTo(x, [2, 2]) },
  ],
  transpose: [
    one((x) => transpose(x, [1, 0])),
    { shapes: [[2, 3, 4]], build: (x) => transpose(x, [2, 0, 1]) },
  ],
  slice: [
    one((x) => sliceLeading(x, [2, 4])),
    { shapes: [[4, 3, 3, 3]], build: (x) => sliceLeading(x, [1, 2, 3, 3]) },
  ],
  pad: [
    one((x) => pad(x, [1, 0], [0, 2])),
    { shapes: [[1, 2, 2, 2]], build: (x) => pad(x, [0, 0, 1, 1], [0, 0, 1, 2]) },
  ],
  concat: [
    {
      shapes: [
        [2, 1],
        [2, 3],
        [2, 2],
      ],
      build: (...values) => concat(values, 1),
    },
    {
      shapes: [
        [1, 2],
        [3, 2],
      ],
      build: (...values) => concat(values, 0),
    },
  ],
  matMul: [
    {
      shapes: [
        [2, 3],
        [3, 4],
      ],
      build: (a, b) => matMul(a, b),
    },
    {
      shapes: [
        [3, 2],
        [3, 4],
      ],
      build: (a, b) => matMul(a, b, { transposeA: true }),
    },
    {
      shapes: [
        [2, 3],
        [4, 3],
      ],
      build: (a, b) => matMul(a, b, { transposeB: true }),
    },
    {
      shapes: [
        [3, 2],
        [4, 3],
      ],
      build: (a, b) => matMul(a, b, { transposeA: true, transposeB: true }),
    },
    {
      shapes: [
        [1, 1],
        [1, 1],
      ],
      build: (a, b) => matMul(a, b),
    },
  ],
  conv2d: [...convs(conv2d), ...splitConvs(conv2d)],
  conv2dInputGradient: convGradient(0),
  conv2dFilterGradient: convGradient(1),
  maxPool: pools(maxPool),
  maxPoolGradient: [],
  averagePool: pools(averagePool),
  averagePoolGradient: pools((x, options) => firstGradient((y) => averagePool(y, options))(x)),
  logSoftmax: [one(logSoftmax), { shapes: [[2, 1]], build: (x) => logSoftmax(x) }],
};

const batchNormOf = (shape: Shape): Case => ({
  shapes: [shape, [shape[1]!], [shape[1]!]],
  build: (x, scale, shift) => batchNormTraining(x, scale, shift, BN_EPSILON).output,
});
/** Labels that no gradient goes to. */
const labels = (logits: Value) =>
  logits.builder.constant({
    shape: logits.shape,
    data: Float32Array.from({ length: sizeOf(logits.shape) }, (_, i) => Number(i % logits.shape[1]! === 1)),
  });

const BUILT_CASES: Readonly<Record<string, readonly Case[]>> = {
  batchNormTraining: [batchNormOf([3, 2, 4, 3]), batchNormOf([1, 1, 5, 5]), batchNormOf([6, 3])],
  batchNormInference: [
    {
      shapes: [[2, 3, 2, 2], [3], [3], [3], [3]],
      range: positive,
      build: (x, scale, shift, mean, variance) =>
        batchNormInference(x, { scale: scale, shift: shift, mean: mean, variance: variance }, BN_EPSILON),
    },
  ],
  globalAveragePool: [{ shapes: [[2, 3, 3, 5]], build: (x) => globalAveragePool(x) }],
  dense: [{ shapes: [[2, 3], [3, 4], [4]], build: (x, w, b) => dense(x, w, b) }],
  crossEntropy: [
    one((x) => crossEntropy(x, labels(x))),
    one((x) => mul(crossEntropy(x, labels(x), { labelSmoothing: 0.1 }), x.builder.scalar(3))),
  ],
  distillation: [
    one((x) => distillation(x, stopGradient(neg(labels(x))), { temperature: 3 })),
    one((x) => mul(distillation(x, labels(x), { temperature: 1 }), x.builder.scalar(0.5))),
  ],
  'a value used three times': [one((x) => add(mul(x, exp(x)), x))],
};

const cases = [...Object.entries(NODE_CASES), ...Object.entries(BUILT_CASES)].flatMap(([op, list]) =>
  list.map((item, index) => ({ name: `${op} #${index} of ${JSON.stringify(item.shapes)}`, item })),
);

/** The op's output, a loss that weights every element differently, and the loss's gradient for every input. */
function graphOf({ shapes, build }: Case): { graph: Graph; gradientNames: string[] } {
  const builder = new GraphBuilder();
  const inputs = shapes.map((shape, i) => builder.input(`x${i}`, shape));
  const output = build(...inputs);
  const weights = builder.constant(random(output.shape, [0.5, 1.5], 99));
  const loss = reduceSum(mul(output, weights), [...output.shape.keys()]);
  builder.output('output', output);
  builder.output('loss', loss);
  for (const [i, gradient] of gradients(loss, inputs).entries()) builder.output(`gradient${i}`, gradient);
  return { graph: builder.build(), gradientNames: inputs.map((_, i) => `gradient${i}`) };
}

function feedsOf({ shapes, range = [-2, 2] }: Case): Record<string, Tensor> {
  return Object.fromEntries(shapes.map((shape, i) => [`x${i}`, random(shape, range, i + 1)]));
}

function random(shape: Shape, [low, high]: readonly [number, number], seed: number): Tensor {
  let state = seed * 7919;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + ((high - low) * state) / 2 ** 32;
  };
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, next) };
}

/** Largest difference, as a share of the expected tensor's largest value (of 1e-3 where all is about zero). */
function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  const scale = Math.max(1e-3, ...Array.from(expected, Math.abs));
  return Math.max(0, ...Array.from(expected, (value, i) => Math.abs(value - actual[i]!))) / scale;
}

describe('gradients in the float64 reference equal central finite differences', () => {
  const STEP = 1e-5;
  const numeric = (graph: Graph, feeds: Record<string, Tensor>, name: string): number[] =>
    Array.from(feeds[name]!.data, (_, index) => {
      const lossAt = (shift: number) => {
        const data = Float64Array.from(feeds[name]!.data);
        data[index]! += shift;
        return evaluate(graph, { ...feeds, [name]: { shape: feeds[name]!.shape, data } }).outputs.loss!
          .data[0]!;
      };
      return (lossAt(STEP) - lossAt(-STEP)) / (2 * STEP);
    });

  test.each(cases)('$name', ({ item }) => {
    const { graph, gradientNames } = graphOf(item);
    const feeds = feedsOf(item);
    const { outputs } = evaluate(graph, feeds);
    for (const [i, name] of gradientNames.entries()) {
      expect(outputs[name]!.shape).toEqual(item.shapes[i]);
      expect(relativeError(outputs[name]!.data, numeric(graph, feeds, `x${i}`))).toBeLessThan(1e-6);
    }
  });
});

describe('onnxruntime agrees with the reference to 1e-4 of the largest value', () => {
  let executor: Executor;
  beforeAll(async () => {
    executor = await createExecutor('onnxruntime', { threads: 2 });
  });

  test.each(cases)('$name', async ({ item }) => {
    const { graph } = graphOf(item);
    const feeds = feedsOf(item);
    const program = await executor.compile(graph);
    const actual = await program.run(feeds);
    await program.dispose();
    const expected = evaluate(graph, feeds).outputs;
    expect(Object.keys(actual)).toEqual(Object.keys(expected));
    for (const [name, { shape, data }] of Object.entries(expected)) {
      expect(actual[name]!.shape).toEqual(shape);
      expect(relativeError(actual[name]!.data, data)).toBeLessThan(1e-4);
    }
  });
});

describe('gradients that are not the derivative on purpose', () => {
  const gradientOf = (build: (x: Value) => Value) => {
    const builder = new GraphBuilder();
    const x = builder.input('x', [3]);
    builder.output('gradient', gradients(reduceSum(build(x), [0]), [x])[0]!);
    const feeds = { x: { shape: [3], data: [-1, 0, 2] } };
    return [...evaluate(builder.build(), feeds).outputs.gradient!.data];
  };

  test('no gradient flows through a step, a stopped value or to an unrelated value', () => {
    expect(gradientOf(greaterThanZero)).toEqual([0, 0, 0]);
    expect(gradientOf((x) => mul(x, stopGradient(x)))).toEqual([-1, 0, 2]);
    expect(gradientOf((x) => x.builder.constant({ shape: [1], data: Float32Array.of(1) }))).toEqual([
      0, 0, 0,
    ]);
  });

  test('a straight-through estimator has the step as its value and the identity as its gradient', () => {
    expect(gradientOf((x) => mul(straightThrough(x, greaterThanZero(x)), x))).toEqual([-1, 0, 3]);
  });

  test('a relu has no gradient at zero', () => {
    expect(gradientOf(relu)).toEqual([0, 0, 1]);
  });

  test('the statistics of BatchNorm pass no gradient', () => {
    const statistics = (x: Value) => {
      const scale = x.builder.constant({ shape: [1], data: Float32Array.of(1) });
      const { mean, variance } = batchNormTraining(reshape(x, [3, 1]), scale, scale, BN_EPSILON);
      return add(mean, variance);
    };
    expect(gradientOf(statistics)).toEqual([0, 0, 0]);
  });

  test('the teacher of a distillation passes no gradient', () => {
    const student = (x: Value) => reshape(neg(stopGradient(x)), [1, 3]);
    const loss = (x: Value) => reshape(distillation(student(x), reshape(x, [1, 3]), { temperature: 2 }), [1]);
    expect(gradientOf(loss)).toEqual([0, 0, 0]);
  });
});
