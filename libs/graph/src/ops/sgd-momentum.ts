import type { Value } from '../value.js';
import { add, mul, sub } from './arithmetic.js';

export interface SgdMomentumOptions {
  /** A state. */
  readonly parameter: Value;
  readonly gradient: Value;
  /** A state of the parameter's shape. */
  readonly velocity: Value;
  /** A scalar, so that a schedule can feed it. */
  readonly learningRate: Value;
  readonly momentum: number;
  /** Multiplies the parameter into its gradient (L2); 0 for BatchNorm's parameters and masks. */
  readonly weightDecay: number;
}

/**
 * One step of SGD with momentum as PyTorch does it: v' = momentum v + gradient + weightDecay w; w' = w - learningRate
 * v'. Assigns both states.
 * @throws GraphError when the shapes differ or a target is no state.
 */
export function sgdMomentum(options: SgdMomentumOptions): void {
  const { parameter, gradient, velocity, learningRate, momentum, weightDecay } = options;
  const { builder } = parameter;
  const decayed = weightDecay === 0 ? gradient : add(gradient, mul(parameter, builder.scalar(weightDecay)));
  const nextVelocity = momentum === 0 ? decayed : add(mul(velocity, builder.scalar(momentum)), decayed);
  builder.assign(velocity, nextVelocity);
  builder.assign(parameter, sub(parameter, mul(nextVelocity, learningRate)));
}
