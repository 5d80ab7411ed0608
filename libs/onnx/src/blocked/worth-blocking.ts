import type { ConvAttributes, Shape } from '#graph';
import type { Sides } from './blocked-layout.js';

/** Filled-up channels cost as much as real ones: beyond this factor of wasted products a plain convolution is faster. */
const MOST_WASTE = 4;

export function isDepthwise({ groups }: ConvAttributes, filters: Shape): boolean {
  return groups > 1 && groups === filters[0] && filters[1] === 1;
}

/** Whether a convolution of filters [O, C / groups, k, k] gains by the blocked layout. */
export function isWorthBlocking(attributes: ConvAttributes, filters: Shape, sides: Sides): boolean {
  const [outs, ins] = filters as [number, number];
  if (isDepthwise(attributes, filters)) return sides.outs <= MOST_WASTE * outs;
  // Every image's filters read the channels of the whole set.
  const spent = sides.fold * sides.outs * sides.ins;
  return attributes.groups === 1 && spent <= MOST_WASTE * outs * ins;
}
