import type { Executor } from '#engine';
import { sliceNetwork } from '#network';
import { costAt, sliceParameters, type Family, type RatioMember } from './family.js';
import { interpolateAffine } from './interpolate-affine.js';
import { isFiniteBatchNorm } from './parameters.js';
import { recalibrate } from './recalibrate.js';
import { thresholdSolver, type ThresholdOptions } from './solve-thresholds.js';
import type { Batch, Batches } from './training-data.js';

export interface DeriveOptions {
  /** Those that the family was trained under. */
  readonly constraints: ThresholdOptions;
  readonly executor: Executor;
  /** Training batches, all of `batchSize` images. */
  readonly batches: Batches<Batch>;
  readonly batchSize: number;
  /** Stops after this many batches. */
  readonly recalibrationBatches: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A member for a ratio between two trained ones, without training: the threshold is solved on the family's mask so that the
 * subnet nests between the members beside it, BatchNorm's scale and shift are interpolated between the trained neighbours by
 * MACs (channels that the narrower one lacks are the wider one's), and its statistics are recalibrated.
 * @throws RangeError when the ratio is a member's already or not between the smallest and the largest trained one, or
 * there is no batch, or BatchNorm comes out not finite; the signal's reason.
 */
export async function deriveMember(
  family: Family,
  ratio: number,
  options: DeriveOptions,
): Promise<RatioMember> {
  const { network, mask } = family;
  const [wider, narrower] = trainedNeighbours(family, ratio);
  const { threshold, widths } = thresholdSolver(network, options.constraints)(mask, ratio, {
    atLeast: family.members.find((member) => member.ratio > ratio)?.widths,
    atMost: family.members.findLast((member) => member.ratio < ratio)?.widths,
  });
  const cost = costAt(network, widths);
  const span = wider.cost.macs - narrower.cost.macs;
  const position = span > 0 ? (wider.cost.macs - cost.macs) / span : 0;
  const batchNorm = await recalibrate(
    sliceNetwork(network, widths),
    {
      ...sliceParameters(network, family.parameters, widths),
      ...interpolateAffine(network, widths, { wider, narrower, position }),
    },
    { ...options, maxBatches: options.recalibrationBatches },
  );
  if (!isFiniteBatchNorm(batchNorm))
    throw new RangeError(
      `BatchNorm of pruning ratio ${ratio} is not finite: its weights or the images are not`,
    );
  return { ratio, threshold, widths, cost, batchNorm, derived: true };
}

/** The trained members on both sides of a ratio. */
function trainedNeighbours({ members }: Family, ratio: number): [wider: RatioMember, narrower: RatioMember] {
  const trained = members.filter(({ derived }) => !derived);
  const known = trained.map((member) => member.ratio).join(', ');
  if (members.some((member) => member.ratio === ratio)) {
    throw new RangeError(
      `pruning ratio ${ratio} is in the family already, whose trained ratios are ${known}`,
    );
  }
  const wider = trained.findLast((member) => member.ratio < ratio);
  const narrower = trained.find((member) => member.ratio > ratio);
  if (wider && narrower) return [wider, narrower];
  throw new RangeError(`pruning ratio ${ratio}: expected one between trained ratios, which are ${known}`);
}
