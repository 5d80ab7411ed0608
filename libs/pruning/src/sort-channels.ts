import type { Network } from '#network';
import type { LearnedMask } from './learn-mask.js';
import { descendingOrder } from './mask.js';
import { batchNormLayouts, parameterLayouts } from './parameters.js';
import { selectChannels } from './select-channels.js';
import { withVelocities } from './trained-states.js';

/**
 * Phase 2: freezes the mask and permutes the channels of every group by descending mask value, with their BatchNorm and
 * momentum. The network's output stays what it was, and every subnet becomes a prefix of every group.
 */
export function sortChannels(network: Network, { state, mask }: LearnedMask): LearnedMask {
  const layouts = withVelocities([...parameterLayouts(network), ...batchNormLayouts(network)]);
  const sorted = Object.entries(mask).map(([group, values]) => [group, values.toSorted((a, b) => b - a)]);
  return {
    state: selectChannels(state, layouts, descendingOrder(mask)),
    mask: Object.fromEntries(sorted) as Record<string, Float32Array>,
  };
}
