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

/** A subnet whose weights are still to be copied, to wherever they are wanted. */
export interface UncutSubnet extends Omit<FoldedSubnet, 'parameters'> {
  readonly weights: readonly UncutTensor[];
}

export interface UncutTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly size: number;
  /** The values where they are part of the family's tensor as it is. */
  readonly part: Float32Array | undefined;
  /** Writes all values to `target`. */
  readonly copy: (target: Float32Array) => void;
}

/** What a ratio's cuts have in common. */
interface CutPlan {
  readonly network: Network;
  readonly slices: readonly PrefixSlice[];
}

/**
 * Cuts subnets out of a family with BatchNorm folded, again and again. Equal to `foldBatchNorm(subnetOf(family, ratio))` in every
 * bit, in one pass over the weights; those of which only the end is cut are not copied.
 */
export class SubnetCutter {
  readonly #family: Family;
  readonly #layouts: readonly Layout[];
  /** BatchNorm layer by the filters that it goes into. */
  readonly #foldedInto: ReadonlyMap<string, string>;
  readonly #plans = new Map<RatioMember, CutPlan>();

  constructor(family: Family) {
    this.#family = family;
    this.#layouts = parameterLayouts(family.network);
    const foldable = [...foldableLayers(family.network)];
    this.#foldedInto = new Map(foldable.map(([conv, batchNorm]) => [weightName(conv), batchNorm]));
  }

  /** @throws RangeError when the family has no such ratio. */
  cut(ratio: number): CutSubnet {
    const { weights, ...rest } = this.uncut(ratio);
    const memory = new Float32Array(weights.reduce((sum, { part, size }) => (part ? sum : sum + size), 0));
    const parameters: Record<string, Tensor> = {};
    let next = 0;
    for (const { name, shape, size, part, copy } of weights) {
      const data = part ?? memory.subarray(next, (next += size));
      if (!part) copy(data);
      parameters[name] = { shape, data };
    }
    return { ...rest, parameters, memory: memory.buffer };
  }

  /** @throws RangeError when the family has no such ratio. */
  uncut(ratio: number): UncutSubnet {
    const member = memberOf(this.#family, ratio);
    const { network, slices } = this.#planOf(member);
    const biases = new Map<string, Float32Array>();
    const weights = slices.map((slice, index): UncutTensor => {
      const { name } = this.#layouts[index]!;
      const layer = this.#foldedInto.get(name);
      const affine = layer === undefined ? undefined : affineBatchNorm(member.batchNorm[layer]!);
      if (affine) biases.set(layer!, affine.offset);
      const { data } = this.#family.parameters[name]!;
      const { shape, size } = slice;
      const part = affine || !slice.isPrefix ? undefined : data.subarray(0, size);
      return { name, shape, size, part, copy: (target) => slice.copy(data, target, affine?.factor) };
    });
    return { network, batchNorm: member.batchNorm, biases, weights };
  }

  #planOf(member: RatioMember): CutPlan {
    const known = this.#plans.get(member);
    if (known) return known;
    const { network } = this.#family;
    const slices = this.#layouts.map((layout) => new PrefixSlice(layout, member.widths));
    const plan = { network: sliceNetwork(network, member.widths), slices };
    this.#plans.set(member, plan);
    return plan;
  }
}
