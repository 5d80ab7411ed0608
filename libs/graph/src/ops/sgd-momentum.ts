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
  /** Steps along the velocity of the next step (Nesterov); default false. */
  readonly nesterov?: boolean;
  /** Multiplies the parameter into its gradient (L2); 0 for BatchNorm's parameters and masks. */
  readonly weightDecay: number;
}

/**
 * One step of SGD with momentum as PyTorch does it: d = gradient + weightDecay w; v' = momentum v + d; w' = w -
 * learningRate v', or with Nesterov w' = w - learningRate (d + momentum v'). Assigns both states and gives w'.
 * @throws GraphError when the shapes differ or a target is no state.
 */
export function sgdMomentum(options: SgdMomentumOptions): Value {
  const { parameter, gradient, velocity, learningRate, momentum, nesterov = false, weightDecay } = options;
  const { builder } = parameter;
  const decayed = weightDecay === 0 ? gradient : add(gradient, mul(parameter, builder.scalar(weightDecay)));
  const pushed = (v: Value) => (momentum === 0 ? decayed : add(mul(v, builder.scalar(momentum)), decayed));
  const nextVelocity = pushed(velocity);
  builder.assign(velocity, nextVelocity);
  const direction = nesterov ? pushed(nextVelocity) : nextVelocity;
  const next = sub(parameter, mul(direction, learningRate));
  builder.assign(parameter, next);
  return next;
}
