import { costOf, deriveChannelGroups, resNet, sliceNetwork, type Network, type Widths } from '#network';
import { solveThresholds, solveUniformWidths, type SoftMask } from '#pruning';
import type { Workload } from './workload.js';

/** Shares of the dense network's MACs that the subnets of a joint step leave out. */
const RATIOS = [0, 0.25, 0.5, 0.75];
/** What they keep together, over the dense network's MACs. */
export const NOMINAL_MACS = RATIOS.reduce((sum, ratio) => sum + 1 - ratio, 0);
const MIN_CHANNELS = 2;

const training = {
  batchSize: 64,
  learningRate: 0.01,
  momentum: 0.9,
  weightDecay: 5e-4,
  distillationWeight: 0.5,
};

export interface Workloads {
  readonly dense: Workload;
  /** By the row that they belong to. */
  readonly joint: Readonly<Record<string, Workload>>;
}

/** What is raced: ResNet-20 at CIFAR's size, or in a quick run something tiny of the same kinds, in batches of 4. */
export function makeWorkloads(quick: boolean, batchSize = training.batchSize): Workloads {
  const side = quick ? 16 : 32;
  const network = resNet({
    depth: quick ? 8 : 20,
    input: { channels: 3, height: side, width: side },
    classes: 10,
    widthMultiplier: quick ? 0.5 : 1,
  });
  const size = { ...training, batchSize: quick ? 4 : batchSize };
  const joint = (members: Widths[]): Workload => ({ network, members, training: size });
  const uniform = (channelMultiple: number) =>
    RATIOS.map((ratio) => solveUniformWidths(network, ratio, { minChannels: MIN_CHANNELS, channelMultiple }));
  return {
    dense: { network, training: size },
    joint: {
      free_widths: joint(uniform(1)),
      ...(!quick && { multiple_of_8: joint(uniform(8)), uneven_widths: joint(unevenWidths(network)) }),
    },
  };
}

/** MACs of all subnets of a joint step over those of the dense network. */
export function keptMacsOf({ network, members }: Workload): number {
  const macsOf = (each: Network) => costOf(each).macs;
  return (
    (members ?? []).reduce((sum, widths) => sum + macsOf(sliceNetwork(network, widths)), 0) / macsOf(network)
  );
}

/** Widths as a learned mask gives them: every group keeps another share, and the subnets are nested. */
function unevenWidths(network: Network): Widths[] {
  const constraints = { minChannels: MIN_CHANNELS, channelMultiple: 1 };
  return solveThresholds(network, unevenMask(network), RATIOS, constraints).map(({ widths }) => widths);
}

function unevenMask(network: Network): SoftMask {
  return Object.fromEntries(
    deriveChannelGroups(network).groups.map(({ name, channels }, group) => {
      // Groups of different levels, by a third at most, whose values fall evenly.
      const level = 1 + 0.33 * Math.sin(group * 2.4);
      return [name, Float32Array.from({ length: channels }, (_, i) => level - i / channels)];
    }),
  );
}
