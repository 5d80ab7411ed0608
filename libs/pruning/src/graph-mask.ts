import {
  channelAffine,
  concat,
  sgdMomentum,
  straightThrough,
  type GraphBuilder,
  type Tensor,
  type Value,
} from '#graph';
import { deriveChannelGroups, type ChannelSegment, type Network } from '#network';
import type { SoftMask } from './mask.js';
import { velocityName } from './trained-states.js';

/** Names in a masked step's graph: the state, and the output that carries its next value. */
const maskName = (group: string): string => `${group}.mask`;
export const nextMaskName = (group: string): string => `${group}.mask.next`;
/** The input that says which channels are kept: ties and rounding are the host's business. */
export const keepName = (group: string): string => `${group}.keep`;

/** One value per channel of every group, as tensors by the names that `nameOf` gives. */
export const maskTensors = (mask: SoftMask, nameOf = maskName): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(mask).map(([group, data]) => [nameOf(group), { shape: [data.length], data }]),
  );

/** The way back from `maskTensors`, out of more tensors than those. */
export const maskIn = (
  network: Network,
  tensors: Readonly<Record<string, Tensor>>,
  nameOf = maskName,
): SoftMask =>
  Object.fromEntries(
    deriveChannelGroups(network).groups.map(({ name }) => [name, tensors[nameOf(name)]!.data]),
  );

/** The soft mask inside a graph: forward uses `keep`, the gradient goes straight through to the soft values. */
export class GraphMask {
  readonly soft: readonly Value[];
  readonly #builder: GraphBuilder;
  readonly #groups: readonly string[];
  readonly #segmentsOf: ReadonlyMap<string, readonly ChannelSegment[]>;
  readonly #applied: ReadonlyMap<string, Value>;

  constructor(builder: GraphBuilder, network: Network) {
    const { groups, segmentsOf } = deriveChannelGroups(network);
    this.#builder = builder;
    this.#segmentsOf = segmentsOf;
    this.#groups = groups.map((group) => group.name);
    this.soft = groups.map((group) => builder.state(maskName(group.name), [group.channels]));
    this.#applied = new Map(
      groups.map(({ name, channels }, index) => [
        name,
        straightThrough(this.soft[index]!, builder.input(keepName(name), [channels])),
      ]),
    );
  }

  /** The output of layer `from`, [batch, channels, ...], with removed channels at zero. */
  apply(output: Value, from: string): Value {
    const segments = this.#segmentsOf.get(from)!;
    if (segments.every(({ group }) => group === undefined)) return output;
    return channelAffine(
      output,
      concat(
        segments.map((segment) => this.#keptOf(segment)),
        0,
      ),
    );
  }

  #keptOf({ size, group }: ChannelSegment): Value {
    if (group !== undefined) return this.#applied.get(group)!;
    return this.#builder.constant({ shape: [size], data: new Float32Array(size).fill(1) });
  }

  /** One SGD step of the soft values: a rate of their own, no decay. Its result is an output, for the thresholds. */
  descend(gradients: readonly Value[], momentum: number): void {
    const builder = this.#builder;
    const learningRate = builder.input('maskLearningRate', []);
    this.#groups.forEach((group, index) => {
      const parameter = this.soft[index]!;
      const velocity = builder.state(velocityName(maskName(group)), parameter.shape);
      const gradient = gradients[index]!;
      const next = sgdMomentum({ parameter, gradient, velocity, learningRate, momentum, weightDecay: 0 });
      builder.output(nextMaskName(group), next);
    });
  }
}
