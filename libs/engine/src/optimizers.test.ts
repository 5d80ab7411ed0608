import {
  GraphBuilder,
  adamW,
  clipByGlobalNorm,
  countStep,
  sgdMomentum,
  type AdamWOptions,
  type SgdMomentumOptions,
} from '#graph';
import { evaluate } from './index.js';

const LEARNING_RATE = 0.1;
const GRADIENTS = [0.5, -1.5, 2, 0.25];
const scalar = (value: number) => ({ shape: [], data: [value] });

/** The parameter after every step, all of a single number, from 1. */
function follow(states: readonly string[], build: (builder: GraphBuilder) => void): number[] {
  const builder = new GraphBuilder();
  build(builder);
  const graph = builder.build();
  let state: Parameters<typeof evaluate>[1] = Object.fromEntries(
    ['w', ...states].map((name) => [name, scalar(name === 'w' ? 1 : 0)]),
  );
  return GRADIENTS.map((gradient) => {
    const given = { ...state, g: scalar(gradient), learningRate: scalar(LEARNING_RATE) };
    state = evaluate(graph, given).next;
    return state.w!.data[0]!;
  });
}

const common = (builder: GraphBuilder) => ({
  parameter: builder.state('w', []),
  gradient: builder.input('g', []),
  learningRate: builder.input('learningRate', []),
});

const close = (actual: readonly number[], expected: readonly number[]) => {
  for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 6);
};

describe.each<Pick<SgdMomentumOptions, 'momentum' | 'nesterov' | 'weightDecay'>>([
  { momentum: 0, weightDecay: 0 },
  { momentum: 0.9, weightDecay: 0.01 },
  { momentum: 0.9, weightDecay: 0.01, nesterov: true },
  { momentum: 0, weightDecay: 0.01, nesterov: true },
])('SGD with %j', (numbers) => {
  test("follows PyTorch's rule", () => {
    let [w, v] = [1, 0];
    const expected = GRADIENTS.map((g) => {
      const decayed = g + numbers.weightDecay * w;
      v = numbers.momentum * v + decayed;
      w -= LEARNING_RATE * (numbers.nesterov ? decayed + numbers.momentum * v : v);
      return w;
    });
    const actual = follow(['velocity'], (builder) => {
      sgdMomentum({ ...common(builder), velocity: builder.state('velocity', []), ...numbers });
    });
    close(actual, expected);
  });
});

type AdamWNumbers = Pick<AdamWOptions, 'beta1' | 'beta2' | 'epsilon' | 'weightDecay'>;

const adamWParameters = (builder: GraphBuilder, numbers: AdamWNumbers): AdamWOptions => ({
  ...common(builder),
  firstMoment: builder.state('m', []),
  secondMoment: builder.state('v', []),
  step: builder.state('step', []),
  ...numbers,
});

describe.each<AdamWNumbers>([
  { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
  { beta1: 0.8, beta2: 0.99, epsilon: 1e-3, weightDecay: 0.1 },
  { beta1: 0, beta2: 0, epsilon: 1e-8, weightDecay: 0.1 },
])('AdamW with %j', (numbers) => {
  test("follows PyTorch's rule", () => {
    const { beta1, beta2, epsilon, weightDecay } = numbers;
    let [w, m, v] = [1, 0, 0];
    const expected = GRADIENTS.map((g, i) => {
      m = beta1 * m + (1 - beta1) * g;
      v = beta2 * v + (1 - beta2) * g * g;
      w *= 1 - LEARNING_RATE * weightDecay;
      w -= (LEARNING_RATE * (m / (1 - beta1 ** (i + 1)))) / (Math.sqrt(v / (1 - beta2 ** (i + 1))) + epsilon);
      return w;
    });
    const actual = follow(['m', 'v', 'step'], (builder) => {
      const options = adamWParameters(builder, numbers);
      adamW(options);
      countStep(options.step);
    });
    close(actual, expected);
  });
});

test("AdamW's first step is the learning rate however close to one its betas are", () => {
  const numbers = { beta1: 0.99999, beta2: 0.999999, epsilon: 1e-12, weightDecay: 0 };
  const [first] = follow(['m', 'v', 'step'], (builder) => {
    const options = adamWParameters(builder, numbers);
    adamW(options);
    countStep(options.step);
  });
  expect(first).toBeCloseTo(1 - LEARNING_RATE, 4);
});

test.each<[string, Partial<AdamWNumbers>, RegExp]>([
  ['beta1', { beta1: 1 }, /adamW: beta1 1 is not within \[0, 1\)/],
  ['beta2', { beta2: -0.1 }, /adamW: beta2 -0.1 is not within/],
  ['epsilon', { epsilon: 0 }, /adamW: epsilon 0 is not above 0/],
])('AdamW refuses a %s out of its range', (_, numbers, message) => {
  const usual = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };
  expect(() => adamW(adamWParameters(new GraphBuilder(), { ...usual, ...numbers }))).toThrow(message);
});

describe('clipping by the norm of all gradients together', () => {
  const clipped = (maxNorm: number, a: readonly number[], b: readonly number[]) => {
    const builder = new GraphBuilder();
    const gradients = [builder.input('a', [2]), builder.input('b', [1, 1])];
    for (const [i, gradient] of clipByGlobalNorm(gradients, maxNorm).entries()) {
      builder.output(`${i}`, gradient);
    }
    const { outputs } = evaluate(builder.build(), {
      a: { shape: [2], data: a },
      b: { shape: [1, 1], data: b },
    });
    return [...outputs['0']!.data, ...outputs['1']!.data];
  };

  test('scales all of them to the norm when it is exceeded', () => {
    close(clipped(6.5, [3, 4], [12]), [1.5, 2, 6]);
    close(clipped(1, [3e6, 4e6], [12e6]), [3 / 13, 4 / 13, 12 / 13]);
  });

  test('changes nothing below the norm, at it and for zeros', () => {
    expect(clipped(14, [3, 4], [12])).toEqual([3, 4, 12]);
    expect(clipped(13, [3, 4], [12])).toEqual([3, 4, 12]);
    expect(clipped(1, [0, 0], [0])).toEqual([0, 0, 0]);
  });

  test('refuses a norm that is no positive number', () => {
    expect(() => clipped(0, [1, 1], [1])).toThrow('clipByGlobalNorm: maxNorm 0 is no positive number');
    expect(() => clipped(Infinity, [1, 1], [1])).toThrow('maxNorm Infinity');
  });

  test('has nothing to clip without gradients', () => {
    expect(clipByGlobalNorm([], 1)).toEqual([]);
  });
});
