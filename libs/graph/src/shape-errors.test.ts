import {
  GraphBuilder,
  GraphError,
  batchNormInference,
  batchNormTraining,
  broadcastTo,
  concat,
  conv2d,
  crossEntropy,
  dense,
  distillation,
  globalAveragePool,
  logSoftmax,
  matMul,
  mul,
  pad,
  reduceMean,
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
