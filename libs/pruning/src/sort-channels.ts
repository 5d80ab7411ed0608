import type { Network } from '#network';
import type { LearnedMask } from './learn-mask.js';
import { descendingOrder } from './mask.js';
import { batchNormLayouts, parameterLayouts } from './parameters.js';
import { selectChannels } from './select-channels.js';
import type { OptimizerName } from './optimizer-options.js';
import { stepCountIn, withMoments } from './trained-states.js';

/**
 * Phase 2: freezes the mask and permutes the channels of every group by descending mask value, with their BatchNorm and
 * the optimizer's moments. The network's output stays what it was, and every subnet becomes a prefix of every group.
 */
export function sortChannels(
  network: Network,
  { state, mask }: LearnedMask,
  optimizer?: OptimizerName,
): LearnedMask {
  const layouts = withMoments([...parameterLayouts(network), ...batchNormLayouts(network)], optimizer);
  const sorted = Object.entries(mask).map(([group, values]) => [group, values.toSorted((a, b) => b - a)]);
  return {
    state: { ...selectChannels(state, layouts, descendingOrder(mask)), ...stepCountIn(state) },
    mask: Object.fromEntries(sorted) as Record<string, Float32Array>,
  };
}
