import type { Network } from '#network';
import { costAt, randomSubnet, type Family } from './family.js';
import { initialParameters } from './initialise.js';
import { solveUniform, uniformMask } from './solve-uniform-widths.js';
import type { WidthConstraints } from './width-constraints.js';

/**
 * An untrained family with the same share of every group: He initialisation, BatchNorm as identity. It is as large, and runs
 * as long, as a trained one.
 * @throws as `solveThresholds` does
 */
export function randomFamily(
  network: Network,
  ratios: readonly number[],
  { seed, ...constraints }: WidthConstraints & { readonly seed: number },
): Family {
  const members = solveUniform(network, ratios, constraints).map(({ ratio, threshold, widths }) => {
    const { batchNorm } = randomSubnet(network, widths, seed);
    return { ratio, threshold, widths, cost: costAt(network, widths), batchNorm };
  });
  const parameters = initialParameters(network, seed);
  return { network, parameters, mask: uniformMask(network), members };
}
