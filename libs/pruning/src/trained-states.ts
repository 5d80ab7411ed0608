import {
  adamW,
  clipByGlobalNorm,
  countStep,
  gradients,
  sgdMomentum,
  type GraphBuilder,
  type Tensor,
  type Value,
} from '#graph';
import type { OptimizerName, OptimizerOptions } from './optimizer-options.js';
import { shapeOf, type Layout } from './parameters.js';

type Tensors = Readonly<Record<string, Tensor>>;

/** What each optimizer keeps beside a trained tensor, of the tensor's shape and zero at first. */
const MOMENTS: Readonly<Record<OptimizerName, readonly string[]>> = {
  sgd: ['velocity'],
  adamw: ['firstMoment', 'secondMoment'],
};
/** The state with AdamW's number of steps, which all tensors share. */
const STEP = 'optimizer.step';

const momentName = (name: string, moment: string): string => `${name}.${moment}`;
export const velocityName = (name: string): string => momentName(name, 'velocity');

/** Layouts of trained tensors and of the optimizer's moments beside each. */
export const withMoments = (layouts: readonly Layout[], optimizer: OptimizerName = 'sgd'): Layout[] =>
  layouts.flatMap((layout) => [
    layout,
    ...MOMENTS[optimizer].map((moment) => ({ ...layout, name: momentName(layout.name, moment) })),
  ]);

/** Tensors with moments of zero beside each: what a training begins with. */
export function atRest(tensors: Tensors, optimizer: OptimizerName = 'sgd'): Record<string, Tensor> {
  const state: Record<string, Tensor> =
    optimizer === 'adamw' ? { [STEP]: { shape: [], data: new Float32Array(1) } } : {};
  for (const [name, tensor] of Object.entries(tensors)) {
    state[name] = tensor;
    for (const moment of MOMENTS[optimizer]) {
      state[momentName(name, moment)] = { shape: tensor.shape, data: new Float32Array(tensor.data.length) };
    }
  }
  return state;
}

/** The part of a state that belongs to no tensor: the next phase goes on counting. */
export const stepCountIn = (state: Tensors): Record<string, Tensor> =>
  state[STEP] ? { [STEP]: state[STEP] } : {};

interface Trained {
  readonly parameter: Value;
  readonly moments: readonly Value[];
  readonly decays: boolean;
}

/** The states of a training graph that one optimizer step changes, each with its moments. */
export class TrainedStates {
  readonly #trained: Trained[] = [];
  readonly #builder: GraphBuilder;
  readonly #options: OptimizerOptions;
  readonly #optimizer: OptimizerName;

  constructor(builder: GraphBuilder, options: OptimizerOptions) {
    this.#builder = builder;
    this.#options = options;
    this.#optimizer = options.optimizer ?? 'sgd';
  }

  /** Declares one tensor; only weights decay, since a decayed scale, shift or bias would only be pulled to zero. */
  declare(layout: Layout, name: string = layout.name): Value {
    const shape = shapeOf(layout);
    const parameter = this.#builder.state(name, shape);
    const moments = MOMENTS[this.#optimizer].map((moment) =>
      this.#builder.state(momentName(name, moment), shape),
    );
    this.#trained.push({ parameter, moments, decays: layout.kind === 'weight' });
    return parameter;
  }

  /** Declares all of them, by layout name. */
  declareAll(layouts: readonly Layout[], nameOf = (name: string) => name): Map<string, Value> {
    return new Map(layouts.map((layout) => [layout.name, this.declare(layout, nameOf(layout.name))]));
  }

  /** Adds the step that lowers the loss; gives the loss's gradients with respect to `others`, which it leaves alone. */
  descend(loss: Value, learningRate: Value, others: readonly Value[] = []): Value[] {
    const found = gradients(loss, [...this.#trained.map(({ parameter }) => parameter), ...others]);
    const { gradientClipNorm } = this.#options;
    const own = found.slice(0, this.#trained.length);
    const clipped = gradientClipNorm === undefined ? own : clipByGlobalNorm(own, gradientClipNorm);
    if (this.#optimizer === 'adamw') this.#adamW(clipped, learningRate);
    else this.#sgd(clipped, learningRate);
    return found.slice(this.#trained.length);
  }

  #sgd(found: readonly Value[], learningRate: Value): void {
    const { momentum, nesterov, weightDecay } = this.#options;
    this.#trained.forEach(({ parameter, moments: [velocity], decays }, index) =>
      sgdMomentum({
        parameter,
        velocity: velocity!,
        gradient: found[index]!,
        learningRate,
        momentum,
        nesterov: nesterov ?? false,
        weightDecay: decays ? weightDecay : 0,
      }),
    );
  }

  #adamW(found: readonly Value[], learningRate: Value): void {
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay } = this.#options;
    const step = this.#builder.state(STEP, []);
    this.#trained.forEach(({ parameter, moments: [firstMoment, secondMoment], decays }, index) =>
      adamW({
        parameter,
        gradient: found[index]!,
        firstMoment: firstMoment!,
        secondMoment: secondMoment!,
        step,
        learningRate,
        beta1,
        beta2,
        epsilon,
        weightDecay: decays ? weightDecay : 0,
      }),
    );
    countStep(step);
  }
}
