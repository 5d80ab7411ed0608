import { formatShape, sizeOf } from '../shape.js';
import type { Value } from '../value.js';
import { add, mul, sub } from './arithmetic.js';
import { channelAffine } from './channel-affine.js';
import { stopGradient, withGradient } from './custom-gradient.js';
import { neg, reciprocal, relu, sqrt } from './elementwise.js';
import { reduceMean } from './reduce.js';

/** Added to the variance before its root is taken; PyTorch's default, so that peers can be compared. */
export const BN_EPSILON = 1e-5;

export interface BatchNormStatistics {
  readonly output: Value;
  /** Of this batch, [C]. */
  readonly mean: Value;
  /** Of this batch, [C], biased (divided by the count). */
  readonly variance: Value;
}

/**
 * BatchNorm with the batch's own statistics (Ioffe & Szegedy 2015): x [N, C, ...], scale and shift [C]. No gradient
 * flows through `mean` and `variance`; the gradient of `output` takes their dependence on x into account.
 * @throws GraphError when scale or shift is not [C].
 */
export function batchNormTraining(
  x: Value,
  scale: Value,
  shift: Value,
  epsilon: number = BN_EPSILON,
): BatchNormStatistics {
  checkChannels('batchNormTraining', x, { scale, shift });
  const axes = [...x.shape.keys()].filter((axis) => axis !== 1);
  const meanOf = (value: Value) => reduceMean(value, axes);
  const mean = meanOf(x);
  // E[x^2] - E[x]^2 spares a pass over x. Rounding can push it below zero where x hardly varies, hence relu.
  const variance = relu(sub(meanOf(mul(x, x)), mul(mean, mean)));
  const inverseDeviation = reciprocal(sqrt(add(variance, x.builder.scalar(epsilon))));
  const factor = mul(scale, inverseDeviation);
  const output = channelAffine(x, factor, sub(shift, mul(mean, factor)));
  const count = x.builder.scalar(sizeOf(x.shape) / scale.shape[0]!);

  // With g the output's gradient and x^ = (x - mean) / deviation:
  // dx = factor (g - mean(g) - x^ mean(g x^)), dscale = sum(g x^), dshift = sum(g).
  const vjp = (gradient: Value) => {
    const meanGradient = meanOf(gradient);
    const meanProduct = mul(sub(meanOf(mul(gradient, x)), mul(mean, meanGradient)), inverseDeviation);
    const slope = mul(meanProduct, inverseDeviation);
    const offset = sub(mul(mean, slope), meanGradient);
    const towardsMean = channelAffine(x, neg(mul(factor, slope)), mul(factor, offset));
    return [
      add(channelAffine(gradient, factor), towardsMean),
      mul(meanProduct, count),
      mul(meanGradient, count),
    ];
  };
  return {
    output: withGradient(output, [x, scale, shift], vjp),
    mean: stopGradient(mean),
    variance: stopGradient(variance),
  };
}

export interface BatchNormParameters {
  readonly scale: Value;
  readonly shift: Value;
  readonly mean: Value;
  readonly variance: Value;
}

/**
 * BatchNorm with given statistics, x [N, C, ...] and everything else [C]: one multiplication and one addition per
 * value.
 * @throws GraphError when a parameter is not [C].
 */
export function batchNormInference(
  x: Value,
  parameters: BatchNormParameters,
  epsilon: number = BN_EPSILON,
): Value {
  checkChannels('batchNormInference', x, { ...parameters });
  const { scale, shift, mean, variance } = parameters;
  const factor = mul(scale, reciprocal(sqrt(add(variance, x.builder.scalar(epsilon)))));
  return channelAffine(x, factor, sub(shift, mul(mean, factor)));
}

function checkChannels(op: string, x: Value, parameters: Record<string, Value>): void {
  for (const [name, { shape }] of Object.entries(parameters)) {
    if (shape.length !== 1 || shape[0] !== x.shape[1]) {
      const sizes = `${name} ${formatShape(shape)} does not fit x ${formatShape(x.shape)} by channels`;
      throw x.builder.error(op, sizes);
    }
  }
}
