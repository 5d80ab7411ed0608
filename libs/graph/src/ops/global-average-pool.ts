import { formatShape } from '../shape.js';
import type { Value } from '../value.js';
import { reduceMean } from './reduce.js';

/** Mean over the image: [N, C, H, W] gives [N, C]. */
export function globalAveragePool(x: Value): Value {
  if (x.shape.length !== 4) {
    throw x.builder.error('globalAveragePool', `needs [N, C, H, W], got ${formatShape(x.shape)}`);
  }
  return reduceMean(x, [2, 3]);
}
