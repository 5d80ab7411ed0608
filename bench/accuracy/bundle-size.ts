import { writeBundle } from '#bundle';
import { costOf, denseWidths, resNet, sliceNetwork } from '#network';
import { randomSubnet, solveThresholds, uniformMask, type Family } from '#pruning';
import type { BenchRow } from '../benchmark.js';
import { GOALS } from '../goals.js';

/** Behind the size of a bundle. */
export interface BundleDetail {
  readonly kind: 'bundle';
  readonly network: string;
  readonly ratios: readonly number[];
  readonly bundleBytes: number;
  /** Of the dense network's parameters as float32. */
  readonly denseBytes: number;
}

const FLOAT_BYTES = 4;
/** ResNet-20 on CIFAR's images: the size does not depend on what was learnt, nor on the images but for their channels. */
const NETWORK = resNet({ depth: 20, input: { channels: 3, height: 32, width: 32 }, classes: 10 });

/** How much larger than the dense network alone the one file is that stands for all ratios. */
export function bundleRow(ratios: readonly number[]): BenchRow {
  const bundleBytes = writeBundle(untrainedFamily(ratios), {}).length;
  const denseBytes = FLOAT_BYTES * costOf(NETWORK).parameters;
  const detail: BundleDetail = { kind: 'bundle', network: NETWORK.name, ratios, bundleBytes, denseBytes };
  const name = 'bundle_bytes_over_dense';
  return { name, value: bundleBytes / denseBytes, unit: 'x', goal: GOALS[name], detail: { ...detail } };
}

function untrainedFamily(ratios: readonly number[]): Family {
  const mask = uniformMask(NETWORK);
  const solutions = solveThresholds(NETWORK, mask, ratios, { minChannels: 2, channelMultiple: 1 });
  const members = solutions.map((solution) => ({
    ...solution,
    cost: costOf(sliceNetwork(NETWORK, solution.widths)),
    batchNorm: randomSubnet(NETWORK, solution.widths, 1).batchNorm,
  }));
  const { parameters } = randomSubnet(NETWORK, denseWidths(NETWORK), 1);
  return { network: NETWORK, parameters, mask, members };
}
