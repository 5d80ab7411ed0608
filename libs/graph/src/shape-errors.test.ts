import {
  GraphBuilder,
  GraphError,
  adamW,
  averagePool,
  batchNormInference,
  batchNormTraining,
  broadcastTo,
  concat,
  conv2d,
  crossEntropy,
  dense,
  distillation,
  globalAveragePool,
  gradients,
  logSoftmax,
  matMul,
  maxPool,
  mul,
  pad,
  reduceMean,
  reduceSum,
  reshape,
  sgdMomentum,
  sliceLeading,
  straightThrough,
  transpose,
  type Shape,
  type Value,
} from './index.js';

const builder = new GraphBuilder();
let count = 0;
const value = (...shape: Shape): Value => builder.input(`x${count++}`, shape);
const conv = (x: Shape, w: Shape, stride = 1, padding = 0) =>
  conv2d(value(...x), value(...w), { stride, padding });

describe('an op whose shapes do not fit names itself and both sides', () => {
  test.each<[string, () => unknown, string]>([
    ['mul', () => mul(value(2, 3), value(2)), 'mul: [2, 3] and [2] do not broadcast'],
    ['reduce', () => reduceMean(value(2, 3), [2]), 'reduceMean: axes [2] do not fit the shape [2, 3]'],
    ['reshape', () => reshape(value(2, 3), [5]), 'reshape: [2, 3] cannot become [5]: 6 and 5 values'],
    ['broadcastTo', () => broadcastTo(value(2), [3]), 'broadcastTo: [2] does not broadcast to [3]'],
    ['broadcastTo smaller', () => broadcastTo(value(2), [1]), 'broadcastTo: [2] does not broadcast to [1]'],
    ['transpose', () => transpose(value(2, 3), [0, 0]), 'transpose: [0, 0] is no permutation'],
    ['slice', () => sliceLeading(value(2, 3), [2, 4]), 'slice: [2, 4] at [0, 0] does not lie within [2, 3]'],
    ['slice rank', () => sliceLeading(value(2, 3), [2]), 'slice: [2] at [0] does not lie within [2, 3]'],
    ['pad', () => pad(value(2), [-1], [0]), 'pad: [-1] before and [0] after do not fit [2]'],
    [
      'concat',
      () => concat([value(2, 3), value(2, 4)], 0),
      'concat: [2, 3] and [2, 4] differ outside axis 0',
    ],
    ['concat axis', () => concat([value(2)], 1), 'concat: [2] has no axis 1'],
    ['concat of nothing', () => concat([], 0), 'concat: needs at least one value'],
    [
      'matMul',
      () => matMul(value(2, 3), value(2, 3), { transposeA: true, transposeB: true }),
      'matMul: [2, 3] transposed by [2, 3] transposed does not fit',
    ],
    ['matMul of vectors', () => matMul(value(3), value(3)), 'matMul: [3] by [3] does not fit'],
    [
      'conv channels',
      () => conv([1, 2, 5, 5], [1, 3, 3, 3]),
      'conv2d: 2 channels meet filters of 3 (images [1, 2, 5, 5], filters [1, 3, 3, 3])',
    ],
    ['conv filters', () => conv([1, 1, 5, 5], [1, 1, 3, 1]), 'conv2d: the filters are not square'],
    [
      'conv size',
      () => conv([1, 1, 2, 9], [1, 1, 5, 5], 1, 1),
      'conv2d: a 5x5 filter does not fit the image',
    ],
    ['conv stride', () => conv([1, 1, 5, 5], [1, 1, 3, 3], 0), 'conv2d: stride 0 is no positive integer'],
    ['conv padding', () => conv([1, 1, 5, 5], [1, 1, 3, 3], 1, 0.5), 'conv2d: padding 0.5'],
    ['conv rank', () => conv([1, 5, 5], [1, 1, 3, 3]), 'conv2d: needs four axes'],
    [
      'conv groups',
      () => conv2d(value(1, 6, 5, 5), value(4, 3, 3, 3), { stride: 1, padding: 0, groups: 4 }),
      'conv2d: 6 channels and 4 filters do not both split into 4 groups (images [1, 6, 5, 5], filters [4, 3, 3, 3])',
    ],
    [
      'conv channels of a group',
      () => conv2d(value(1, 6, 5, 5), value(4, 6, 3, 3), { stride: 1, padding: 0, groups: 2 }),
      'conv2d: 6 channels in 2 groups meet filters of 6 (images [1, 6, 5, 5], filters [4, 6, 3, 3])',
    ],
    [
      'conv dilation',
      () => conv2d(value(1, 1, 6, 6), value(1, 1, 3, 3), { stride: 1, padding: 0, dilation: 3 }),
      'conv2d: a 7x7 filter does not fit the image with padding 0 (images [1, 1, 6, 6], filters [1, 1, 3, 3])',
    ],
    [
      'conv dilation of zero',
      () => conv2d(value(1, 1, 6, 6), value(1, 1, 3, 3), { stride: 1, padding: 0, dilation: 0 }),
      'conv2d: dilation 0 is no positive integer',
    ],
    [
      'maxPool',
      () => maxPool(value(1, 2, 3, 1), { kernel: 2, stride: 2 }),
      'maxPool: a 2x2 window does not fit the image with padding 0 (images [1, 2, 3, 1], windows 2x2)',
    ],
    [
      'maxPool rank',
      () => maxPool(value(2, 3), { kernel: 2, stride: 2 }),
      'maxPool: needs [N, C, H, W] (images [2, 3], windows 2x2)',
    ],
    [
      'maxPool kernel',
      () => maxPool(value(1, 1, 3, 3), { kernel: 0, stride: 1 }),
      'maxPool: kernel 0 is no positive integer',
    ],
    [
      'averagePool padding',
      () => averagePool(value(1, 1, 3, 3), { kernel: 2, stride: 1, padding: 2 }),
      'averagePool: padding 2 leaves windows without a value of the image (images [1, 1, 3, 3], windows 2x2)',
    ],
    [
      'averagePool stride',
      () => averagePool(value(1, 1, 3, 3), { kernel: 2, stride: 1.5 }),
      'averagePool: stride 1.5 is no positive integer',
    ],
    [
      'the second derivative of maxPool',
      () => {
        const x = value(1, 1, 2, 2);
        const total = (y: Value) => reduceSum(y, [0, 1, 2, 3]);
        const [slope] = gradients(total(maxPool(x, { kernel: 2, stride: 2 })), [x]);
        return gradients(total(slope!), [x]);
      },
      'maxPoolGradient: has no derivative',
    ],
    [
      'adamW',
      () =>
        adamW({
          parameter: builder.state(`p${count++}`, [2]),
          firstMoment: builder.state(`m${count++}`, [3]),
          secondMoment: builder.state(`v${count++}`, [2]),
          gradient: value(2),
          step: builder.state(`s${count++}`, []),
          learningRate: value(),
          beta1: 0.9,
          beta2: 0.999,
          epsilon: 1e-8,
          weightDecay: 0,
        }),
      'add: [3] and [2] do not broadcast',
    ],
    ['logSoftmax', () => logSoftmax(value()), 'logSoftmax: a scalar'],
    ['pool', () => globalAveragePool(value(2, 3)), 'globalAveragePool: needs [N, C, H, W], got [2, 3]'],
    ['dense', () => dense(value(2, 3), value(3, 4), value(3)), 'dense: weights [3, 4] and bias [3] differ'],
    [
      'straightThrough',
      () => straightThrough(value(2), value(3)),
      'straightThrough: soft [2] and hard [3] differ',
    ],
    [
      'batchNormTraining',
      () => batchNormTraining(value(2, 3, 4, 4), value(3), value(4)),
      'batchNormTraining: shift [4] does not fit x [2, 3, 4, 4] by channels',
    ],
    [
      'batchNormInference',
      () =>
        batchNormInference(value(2, 3), {
          scale: value(3),
          shift: value(3),
          mean: value(1),
          variance: value(3),
        }),
      'batchNormInference: mean [1] does not fit x [2, 3] by channels',
    ],
    [
      'crossEntropy',
      () => crossEntropy(value(2, 3), value(2, 4)),
      'crossEntropy: needs two values of [N, classes], got [2, 3] and [2, 4]',
    ],
    [
      'distillation',
      () => distillation(value(2), value(2), { temperature: 1 }),
      'distillation: needs two values of [N, classes], got [2] and [2]',
    ],
    [
      'sgdMomentum',
      () =>
        sgdMomentum({
          parameter: builder.state(`p${count++}`, [2]),
          velocity: builder.state(`v${count++}`, [2]),
          gradient: value(3),
          learningRate: value(),
          momentum: 0,
          weightDecay: 0,
        }),
      'assign: state',
    ],
  ])('%s', (_, act, message) => {
    expect(act).toThrow(GraphError);
    expect(act).toThrow(message);
  });
});
