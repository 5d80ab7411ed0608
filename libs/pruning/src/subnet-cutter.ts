import type { Tensor } from '#graph';
import { sliceNetwork } from '#network';
import { memberOf, type Family, type RatioMember, type Subnet } from './family.js';
import { affineBatchNorm, foldableLayers, type FoldedBatchNorm } from './fold-batch-norm.js';
import { parameterLayouts, weightName, type Layout } from './parameters.js';
import { PrefixSlice } from './prefix-slice.js';

/** A subnet and its weights with BatchNorm in them. */
export type FoldedSubnet = Subnet & FoldedBatchNorm;

/**
 * Cuts subnets out of a family with BatchNorm folded, one after the other, each into the memory of the one before. Equal to
 * `foldBatchNorm(subnetOf(family, ratio))` in every bit, in one pass over the weights; those of which nothing is cut are
 * not copied.
 */
export class SubnetCutter {
  readonly #family: Family;
  readonly #layouts: readonly Layout[];
  /** BatchNorm layer by the name of the filters that it goes into. */
  readonly #foldedInto: ReadonlyMap<string, string>;
  #memory = new Float32Array(0);

  constructor(family: Family) {
    this.#family = family;
    this.#layouts = parameterLayouts(family.network);
    const foldable = [...foldableLayers(family.network)];
    this.#foldedInto = new Map(foldable.map(([conv, batchNorm]) => [weightName(conv), batchNorm]));
  }

  /**
   * The ratio's subnet, whose tensors hold until the next call.
   * @throws RangeError when the family has no such ratio.
   */
  cut(ratio: number): FoldedSubnet {
    const member = memberOf(this.#family, ratio);
    const biases = new Map<string, Float32Array>();
    const factors = new Map<string, Float32Array>();
    for (const [weight, layer] of this.#foldedInto) {
      const { factor, offset } = affineBatchNorm(member.batchNorm[layer]!);
      factors.set(weight, factor);
      biases.set(layer, offset);
    }
    const network = sliceNetwork(this.#family.network, member.widths);
    return { network, batchNorm: member.batchNorm, parameters: this.#cutTensors(member, factors), biases };
  }

  #cutTensors({ widths }: RatioMember, factors: ReadonlyMap<string, Float32Array>): Record<string, Tensor> {
    const slices = this.#layouts.map(({ name }, index) => {
      const slice = new PrefixSlice(this.#layouts[index]!, widths);
      return { name, slice, source: this.#family.parameters[name]!.data, factor: factors.get(name) };
    });
    const isCopied = ({ slice, factor }: (typeof slices)[number]) => factor !== undefined || !slice.isPrefix;
    this.#reserve(slices.filter(isCopied).reduce((sum, { slice }) => sum + slice.size, 0));
    let next = 0;
    return Object.fromEntries(
      slices.map((each) => {
        const { name, slice, source, factor } = each;
        if (!isCopied(each)) return [name, { shape: slice.shape, data: source.subarray(0, slice.size) }];
        const data = this.#memory.subarray(next, (next += slice.size));
        slice.copy(source, data, factor);
        return [name, { shape: slice.shape, data }];
      }),
    );
  }

  #reserve(size: number): void {
    if (this.#memory.length < size) this.#memory = new Float32Array(size);
  }
}
