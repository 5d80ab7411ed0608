import type { Shape } from '../graph.js';
import { formatShape, sizeOf } from '../shape.js';
import type { Value } from '../value.js';
import { add, mul, sub } from './arithmetic.js';
import { stopGradient, withGradient } from './custom-gradient.js';
import { reciprocal, sqrt } from './elementwise.js';
import { reduceMean } from './reduce.js';
import { reshape } from './reshape.js';

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
  const perChannel = channelShape('batchNormTraining', x, { scale, shift });
  const axes = [...x.shape.keys()].filter((axis) => axis !== 1);
  const meanOf = (value: Value) => reduceMean(value, axes, { keepDims: true });
  const mean = meanOf(x);
  const centred = sub(x, mean);
  const variance = meanOf(mul(centred, centred));
  const inverseDeviation = reciprocal(sqrt(add(variance, x.builder.scalar(epsilon))));
  const factor = mul(reshape(scale, perChannel), reshape(inverseDeviation, perChannel));
  const output = add(mul(centred, factor), reshape(shift, perChannel));
  const count = sizeOf(x.shape) / scale.shape[0]!;

  // With g the output's gradient and x^ the normalised input:
  // dx = scale / deviation * (g - mean(g) - x^ mean(g x^)), dscale = sum(g x^), dshift = sum(g).
  const vjp = (gradient: Value) => {
    const meanGradient = meanOf(gradient);
    const meanProduct = mul(meanOf(mul(gradient, centred)), inverseDeviation);
    const slope = mul(meanProduct, inverseDeviation);
    const inner = sub(sub(gradient, mul(centred, slope)), meanGradient);
    const total = (value: Value) => reshape(mul(value, x.builder.scalar(count)), scale.shape);
    return [mul(inner, factor), total(meanProduct), total(meanGradient)];
  };
  return {
    output: withGradient(output, [x, scale, shift], vjp),
    mean: stopGradient(reshape(mean, scale.shape)),
    variance: stopGradient(reshape(variance, scale.shape)),
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
  const perChannel = channelShape('batchNormInference', x, { ...parameters });
  const { scale, shift, mean, variance } = parameters;
  const factor = mul(scale, reciprocal(sqrt(add(variance, x.builder.scalar(epsilon)))));
  const offset = sub(shift, mul(mean, factor));
  return add(mul(x, reshape(factor, perChannel)), reshape(offset, perChannel));
}

/** [C, 1, ...], which broadcasts over x [N, C, ...]. */
function channelShape(op: string, x: Value, parameters: Record<string, Value>): Shape {
  const channels = x.shape[1];
  for (const [name, { shape }] of Object.entries(parameters)) {
    if (shape.length !== 1 || shape[0] !== channels) {
      throw x.builder.error(
        op,
        `${name} ${formatShape(shape)} does not fit x ${formatShape(x.shape)} by channels`,
      );
    }
  }
  return x.shape.slice(1).fill(1, 1);
}
