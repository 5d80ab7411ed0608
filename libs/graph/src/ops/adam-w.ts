import type { Value } from '../value.js';
import { add, div, mul, sub } from './arithmetic.js';
import { exp, greaterThanZero, neg, sqrt } from './elementwise.js';

export interface AdamWOptions {
  /** A state. */
  readonly parameter: Value;
  readonly gradient: Value;
  /** States of the parameter's shape; zeros at first. */
  readonly firstMoment: Value;
  readonly secondMoment: Value;
  /** Steps done before this one, a scalar state that `countStep` assigns; 0 at first. */
  readonly step: Value;
  /** A scalar, so that a schedule can feed it. */
  readonly learningRate: Value;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Shrinks the parameter by `learningRate * weightDecay`; 0 for BatchNorm's parameters and masks. */
  readonly weightDecay: number;
}

/**
 * One step of AdamW (Loshchilov & Hutter 2019, arXiv 1711.05101, algorithm 2) as PyTorch does it, with t = step + 1:
 * m' = beta1 m + (1 - beta1) g; v' = beta2 v + (1 - beta2) g^2; w' = (1 - learningRate weightDecay) w - learningRate
 * m' / (1 - beta1^t) / (sqrt(v' / (1 - beta2^t)) + epsilon). Assigns parameter and both moments, but not the step,
 * which all parameters share.
 * @throws GraphError when the shapes differ, a target is no state or a number is out of its range.
 */
export function adamW(options: AdamWOptions): void {
  const { parameter, gradient, firstMoment, secondMoment, step, learningRate, weightDecay } = options;
  const { beta1, beta2, epsilon } = checkedNumbers(options);
  const { builder } = parameter;
  const scalar = (x: number) => builder.scalar(x);
  const blend = (old: Value, fresh: Value, beta: number) =>
    add(mul(old, scalar(beta)), mul(fresh, scalar(1 - beta)));
  const first = blend(firstMoment, gradient, beta1);
  const second = blend(secondMoment, mul(gradient, gradient), beta2);
  const count = add(step, scalar(1));
  const stepSize = div(learningRate, oneMinusPower(beta1, count));
  const deviation = mul(sqrt(second), div(scalar(1), sqrt(oneMinusPower(beta2, count))));
  const update = mul(div(first, add(deviation, scalar(epsilon))), stepSize);
  const shrink = sub(scalar(1), mul(learningRate, scalar(weightDecay)));
  const kept = weightDecay === 0 ? parameter : mul(parameter, shrink);
  builder.assign(firstMoment, first);
  builder.assign(secondMoment, second);
  builder.assign(parameter, sub(kept, update));
}

/** Assigns the number of steps that `adamW` reads: one more at every run. */
export function countStep(step: Value): void {
  step.builder.assign(step, add(step, step.builder.scalar(1)));
}

/**
 * 1 - base^exponent, base in [0, 1). Near zero, where the difference would lose its digits in float32, by the series
 * of 1 - exp(x) = -x (1 + x/2 (1 + x/3 (...))).
 */
function oneMinusPower(base: number, exponent: Value): Value {
  const scalar = (x: number) => exponent.builder.scalar(x);
  if (base === 0) return scalar(1);
  const x = mul(exponent, scalar(Math.log(base)));
  const isSmall = greaterThanZero(add(x, scalar(SERIES_UP_TO)));
  const small = mul(x, isSmall);
  const nested = SERIES_TERMS.reduceRight(
    (sum, n) => add(scalar(1), mul(mul(small, scalar(1 / n)), sum)),
    scalar(1),
  );
  const large = mul(sub(scalar(1), exp(x)), sub(scalar(1), isSmall));
  return add(neg(mul(small, nested)), large);
}

/** Seven terms up to 0.25 leave an error below 1e-8 of the sum. */
const SERIES_UP_TO = 0.25;
const SERIES_TERMS = [2, 3, 4, 5, 6, 7];

function checkedNumbers(options: AdamWOptions): Pick<AdamWOptions, 'beta1' | 'beta2' | 'epsilon'> {
  const { beta1, beta2, epsilon } = options;
  const refuse = (problem: string) => options.parameter.builder.error('adamW', problem);
  for (const [name, beta] of Object.entries({ beta1, beta2 })) {
    if (!(beta >= 0 && beta < 1)) throw refuse(`${name} ${beta} is not within [0, 1)`);
  }
  if (!(epsilon > 0)) throw refuse(`epsilon ${epsilon} is not above 0`);
  return { beta1, beta2, epsilon };
}
