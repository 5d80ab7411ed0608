import type { Tensor } from '#graph';
import type { SolvedRatio } from './checkpoint.js';
import type { LearnedMask } from './learn-mask.js';
import type { SoftMask } from './mask.js';
import { solveThresholds, solvedRatios } from './solve-thresholds.js';
import { sortChannels } from './sort-channels.js';
import type { TrainingRun } from './training-run.js';

/** The mask as the joint phase takes it. */
export interface FrozenMask {
  /** Descending in every group. */
  readonly mask: SoftMask;
  readonly solutions: readonly SolvedRatio[];
}

export interface SortedState extends FrozenMask {
  /** All trained tensors with the optimizer's moments, channels in the mask's order. */
  readonly state: Readonly<Record<string, Tensor>>;
}

/** Phase 2: freezes the learned mask, sorts the channels by it and solves every ratio's threshold. */
export async function freezeMask(run: TrainingRun, learn: () => Promise<LearnedMask>): Promise<SortedState> {
  const { network, ratios, options } = run.context;
  const { state, mask } = sortChannels(network, await learn(), options.optimizer);
  return { state, mask, solutions: solvedRatios(solveThresholds(network, mask, ratios, options)) };
}
