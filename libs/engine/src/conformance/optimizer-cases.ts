import {
  GraphBuilder,
  adamW,
  clipByGlobalNorm,
  countStep,
  sgdMomentum,
  sizeOf,
  type AdamWOptions,
  type Shape,
  type SgdMomentumOptions,
  type Tensor,
  type Value,
} from '#graph';
import type { ProgramCase } from './program-case.js';
import { randomTensor } from './random-tensor.js';

const SHAPES: readonly Shape[] = [[3, 2, 3, 3], [11]];
const STEPS = 4;

const zeros = (shape: Shape): Tensor => ({ shape, data: new Float32Array(sizeOf(shape)) });

/** Steps on two parameters. `slots` are the states that the optimizer keeps beside each. */
function optimizerCase(
  name: string,
  slots: readonly string[],
  build: (builder: GraphBuilder, parameters: readonly Value[], gradients: readonly Value[]) => void,
): ProgramCase {
  const graph = () => {
    const builder = new GraphBuilder();
    const parameters = SHAPES.map((shape, i) => builder.state(`w${i}`, shape));
    build(
      builder,
      parameters,
      SHAPES.map((shape, i) => builder.input(`g${i}`, shape)),
    );
    return builder.build();
  };
  const states = SHAPES.flatMap((shape, i) => [
    [`w${i}`, randomTensor(shape, [-1, 1], i + 1)] as const,
    ...slots.map((slot) => [`${slot}${i}`, zeros(shape)] as const),
  ]);
  const runs = Array.from({ length: STEPS }, (_, step) => {
    const gradients = SHAPES.map(
      (shape, i) => [`g${i}`, randomTensor(shape, [-2, 2], 10 * step + i)] as const,
    );
    return {
      ...Object.fromEntries(gradients),
      learningRate: { shape: [], data: Float32Array.of(0.1 / (step + 1)) },
    };
  });
  return { name, graph, states: Object.fromEntries(states), runs };
}

type SgdNumbers = Pick<SgdMomentumOptions, 'momentum' | 'nesterov' | 'weightDecay'>;

const sgdCase = (numbers: SgdNumbers) =>
  optimizerCase(`sgd ${JSON.stringify(numbers)}`, ['velocity'], (builder, parameters, gradients) => {
    const learningRate = builder.input('learningRate', []);
    for (const [i, parameter] of parameters.entries()) {
      const velocity = builder.state(`velocity${i}`, parameter.shape);
      sgdMomentum({ parameter, gradient: gradients[i]!, velocity, learningRate, ...numbers });
    }
  });

type AdamWNumbers = Pick<AdamWOptions, 'beta1' | 'beta2' | 'epsilon' | 'weightDecay'>;

const adamWCase = (numbers: AdamWNumbers): ProgramCase => {
  const name = `adamW ${JSON.stringify(numbers)}`;
  const plain = optimizerCase(name, ['first', 'second'], (builder, parameters, gradients) => {
    const learningRate = builder.input('learningRate', []);
    const step = builder.state('step', []);
    for (const [i, parameter] of parameters.entries()) {
      const firstMoment = builder.state(`first${i}`, parameter.shape);
      const secondMoment = builder.state(`second${i}`, parameter.shape);
      const moments = { firstMoment, secondMoment, step };
      adamW({ parameter, gradient: gradients[i]!, ...moments, learningRate, ...numbers });
    }
    countStep(step);
  });
  return { ...plain, states: { ...plain.states, step: zeros([]) } };
};

const clippedCase = (maxNorm: number) =>
  optimizerCase(`clipByGlobalNorm ${maxNorm}`, ['velocity'], (builder, parameters, gradients) => {
    const learningRate = builder.input('learningRate', []);
    const clipped = clipByGlobalNorm(gradients, maxNorm);
    for (const [i, parameter] of parameters.entries()) {
      const velocity = builder.state(`velocity${i}`, parameter.shape);
      const numbers = { momentum: 0.9, weightDecay: 0 };
      sgdMomentum({ parameter, gradient: clipped[i]!, velocity, learningRate, ...numbers });
    }
  });

export const OPTIMIZER_CASES: readonly ProgramCase[] = [
  sgdCase({ momentum: 0.9, weightDecay: 1e-2 }),
  sgdCase({ momentum: 0, weightDecay: 0 }),
  sgdCase({ momentum: 0.9, weightDecay: 1e-2, nesterov: true }),
  sgdCase({ momentum: 0, weightDecay: 1e-2, nesterov: true }),
  adamWCase({ beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1 }),
  adamWCase({ beta1: 0, beta2: 0.99999, epsilon: 1e-3, weightDecay: 0 }),
  clippedCase(1.5),
  clippedCase(1e3),
];
