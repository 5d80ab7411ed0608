import type { Tensor } from '#graph';
import { sliceNetwork, type Network } from '#network';
import { memberOf, type Family, type RatioMember, type Subnet } from './family.js';
import { affineBatchNorm, foldableLayers, type FoldedBatchNorm } from './fold-batch-norm.js';
import { parameterLayouts, weightName, type Layout } from './parameters.js';
import { PrefixSlice } from './prefix-slice.js';

/** A subnet and its weights with BatchNorm in them. */
export type FoldedSubnet = Subnet & FoldedBatchNorm;

export interface CutSubnet extends FoldedSubnet {
  /** All that was copied; the other tensors are parts of the family's. */
  readonly memory: ArrayBuffer;
}

/** What a ratio's cuts have in common. */
interface CutPlan {
  readonly network: Network;
  readonly slices: readonly PlannedSlice[];
}

interface PlannedSlice {
  readonly name: string;
  readonly slice: PrefixSlice;
  /** BatchNorm layer whose factors go into it. */
  readonly batchNorm: string | undefined;
  /** Whether it is not simply a part of the family's tensor. */
  readonly isCopied: boolean;
}

/**
 * Cuts subnets out of a family with BatchNorm folded, again and again. Equal to `foldBatchNorm(subnetOf(family, ratio))` in every
 * bit, in one pass over the weights; those of which only the end is cut are not copied.
 */
export class SubnetCutter {
  readonly #family: Family;
  readonly #layouts: readonly Layout[];
  /** BatchNorm layer by the convolution that it goes into. */
  readonly #foldable: ReadonlyMap<string, string>;
  readonly #plans = new Map<RatioMember, CutPlan>();

  constructor(family: Family) {
    this.#family = family;
    this.#layouts = parameterLayouts(family.network);
    this.#foldable = foldableLayers(family.network);
  }

  /** @throws RangeError when the family has no such ratio. */
  cut(ratio: number): CutSubnet {
    const member = memberOf(this.#family, ratio);
    const plan = this.#plans.get(member) ?? this.#planFor(member);
    this.#plans.set(member, plan);
    const biases = new Map<string, Float32Array>();
    const factors = new Map<string, Float32Array>();
    for (const batchNorm of this.#foldable.values()) {
      const { factor, offset } = affineBatchNorm(member.batchNorm[batchNorm]!);
      factors.set(batchNorm, factor);
      biases.set(batchNorm, offset);
    }
    const { parameters, memory } = this.#copy(plan, factors);
    return { network: plan.network, batchNorm: member.batchNorm, parameters, biases, memory };
  }

  #planFor({ widths }: RatioMember): CutPlan {
    const folded = new Map([...this.#foldable].map(([conv, batchNorm]) => [weightName(conv), batchNorm]));
    const slices = this.#layouts.map((layout): PlannedSlice => {
      const slice = new PrefixSlice(layout, widths);
      const batchNorm = folded.get(layout.name);
      return { name: layout.name, slice, batchNorm, isCopied: batchNorm !== undefined || !slice.isPrefix };
    });
    return { network: sliceNetwork(this.#family.network, widths), slices };
  }

  #copy(
    { slices }: CutPlan,
    factors: ReadonlyMap<string, Float32Array>,
  ): Pick<CutSubnet, 'parameters' | 'memory'> {
    const copied = slices.filter(({ isCopied }) => isCopied);
    const memory = new Float32Array(copied.reduce((sum, { slice }) => sum + slice.size, 0));
    const parameters: Record<string, Tensor> = {};
    let next = 0;
    for (const { name, slice, batchNorm, isCopied } of slices) {
      const source = this.#family.parameters[name]!.data;
      const data = isCopied ? memory.subarray(next, (next += slice.size)) : source.subarray(0, slice.size);
      if (isCopied) slice.copy(source, data, batchNorm === undefined ? undefined : factors.get(batchNorm));
      parameters[name] = { shape: slice.shape, data };
    }
    return { parameters, memory: memory.buffer };
  }
}
