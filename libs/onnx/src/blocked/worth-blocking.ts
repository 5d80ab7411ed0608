import type { ConvAttributes, Shape } from '#graph';
import type { BlockedEmitter } from './blocked-emitter.js';

/** Filled-up channels cost as much as real ones: beyond this factor of wasted products a plain convolution is faster. */
const MOST_WASTE = 4;

export function isDepthwise({ groups }: ConvAttributes, filters: Shape): boolean {
  return groups > 1 && groups === filters[0] && filters[1] === 1;
}

/** Whether a convolution of filters [O, C / groups, k, k] gains by the blocked layout. */
export function isWorthBlocking(
  attributes: ConvAttributes,
  filters: Shape,
  emitter: BlockedEmitter,
  plainInput = false,
): boolean {
  const [outs, ins] = filters as [number, number];
  if (isDepthwise(attributes, filters)) return !plainInput && emitter.padded(outs) <= MOST_WASTE * outs;
  if (attributes.groups !== 1) return false;
  const waste = (emitter.padded(outs) / outs) * (plainInput ? 1 : emitter.padded(ins) / ins);
  return waste <= MOST_WASTE;
}
