import {
  costOf,
  deriveChannelGroups,
  keptChannels,
  layerCosts,
  sliceNetwork,
  type ChannelSegment,
  type Cost,
  type ImageShape,
  type Network,
  type Widths,
} from '#network';
import { sameSubnets, type WidthConstraints } from '#pruning';

interface Member {
  readonly ratio: number;
  readonly widths: Widths;
  /** Learned ones have it. */
  readonly threshold?: number;
}

export interface PlannedNetwork {
  readonly network: Network;
  readonly members: readonly Member[];
  /** `uniform`: the same share of every group, since there is no mask yet; `learned`: by a trained mask. */
  readonly widths: 'uniform' | 'learned';
  readonly constraints?: WidthConstraints;
}

export interface PlannedRatio extends Cost {
  readonly ratio: number;
  readonly threshold?: number;
  /** Shares of the dense network's. */
  readonly macsRemoved: number;
  readonly parametersRemoved: number;
  /** Kept channels by group. */
  readonly widths: Widths;
}

/** A convolution, a dense layer, or a concatenation. */
export interface PlannedLayer extends Cost {
  readonly name: string;
  readonly kind: string;
  /** What its output channels belong to, in order: one segment but behind a concatenation. */
  readonly segments: readonly ChannelSegment[];
  /** Of its output, at every ratio. */
  readonly channels: readonly number[];
}

/** What pruning keeps of a network. MACs are of one image's forward pass; those of layers are the dense network's. */
export interface PruningPlan {
  readonly network: string;
  readonly input: ImageShape;
  readonly classes: number;
  readonly widths: 'uniform' | 'learned';
  readonly constraints?: WidthConstraints;
  readonly ratios: readonly PlannedRatio[];
  readonly groups: readonly {
    readonly name: string;
    readonly channels: number;
    readonly producers: readonly string[];
  }[];
  readonly layers: readonly PlannedLayer[];
  /** What there is to say of the ratios. */
  readonly notes: readonly string[];
}

export function pruningPlan({ network, members, ...rest }: PlannedNetwork): PruningPlan {
  const { name, input, classes } = network;
  const { groups } = deriveChannelGroups(network);
  const ratios = members.map((member) => plannedRatio(network, member));
  const layers = plannedLayers(network, members);
  return { network: name, input, classes, ...rest, ratios, groups, layers, notes: sameSubnets(members) };
}

function plannedRatio(network: Network, { ratio, widths, threshold }: Member): PlannedRatio {
  const dense = costOf(network);
  const { macs, parameters } = costOf(sliceNetwork(network, widths));
  return {
    ratio,
    ...(threshold !== undefined && { threshold }),
    ...{ macs, parameters },
    macsRemoved: 1 - macs / dense.macs,
    parametersRemoved: 1 - parameters / dense.parameters,
    widths,
  };
}

const LISTED = new Set(['conv', 'dense', 'concat']);

function plannedLayers(network: Network, members: readonly Member[]): PlannedLayer[] {
  const { segmentsOf } = deriveChannelGroups(network);
  const costs = layerCosts(network);
  return network.layers
    .filter(({ kind }) => LISTED.has(kind))
    .map(({ name, kind }) => {
      const segments = segmentsOf.get(name)!;
      const channels = members.map(({ widths }) => keptChannels(segments, widths));
      return { name, kind, segments, channels, ...costs.get(name)! };
    });
}
