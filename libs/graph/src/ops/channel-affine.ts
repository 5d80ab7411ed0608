import { formatShape } from '../shape.js';
import type { Value } from '../value.js';
import { mul } from './arithmetic.js';
import { reduceSum } from './reduce.js';

/**
 * `scale x + shift` channel by channel: x [N, C, ...], scale and shift [C]; without a shift zero is added. One pass
 * over x where the same in small ops is two, which is what BatchNorm's speed hangs on.
 * @throws GraphError when scale or shift is not [C].
 */
export function channelAffine(x: Value, scale: Value, shift?: Value): Value {
  for (const [name, value] of Object.entries({ scale, shift })) {
    if (value && (value.shape.length !== 1 || value.shape[0] !== x.shape[1])) {
      const sizes = `${name} ${formatShape(value.shape)} does not fit x ${formatShape(x.shape)} by channels`;
      throw x.builder.error('channelAffine', sizes);
    }
  }
  const inputs = shift ? [x, scale, shift] : [x, scale];
  const overChannel = [...x.shape.keys()].filter((axis) => axis !== 1);
  return x.builder.node('channelAffine', inputs, x.shape, {}, (gradient) => [
    channelAffine(gradient, scale),
    reduceSum(mul(gradient, x), overChannel),
    reduceSum(gradient, overChannel),
  ]);
}
