import { writeBundle, type BundleMetadata } from '#bundle';
import { costOf, denseWidths } from '#network';
import { randomSubnet } from '#pruning';
import { networkOf } from '#service';

export const BUNDLE_NETWORK = { family: 'resnet' as const, depth: 8 as const, widthMultiplier: 0.25 };
const INPUT = { channels: 1, height: 8, width: 8 };

/** A bundle of one ratio that nobody trained; another one for every seed. */
export function aBundleFile(seed: number, metadata: BundleMetadata = {}, ratio = 0): Uint8Array {
  const network = networkOf(BUNDLE_NETWORK, INPUT, 2);
  const widths = denseWidths(network);
  const { parameters, batchNorm } = randomSubnet(network, widths, seed);
  const mask = Object.fromEntries(
    Object.entries(widths).map(([group, channels]) => [group, new Float32Array(channels).fill(1)]),
  );
  const members = [{ ratio, threshold: 0, widths, cost: costOf(network), batchNorm }];
  return writeBundle({ network, parameters, mask, members }, metadata);
}
