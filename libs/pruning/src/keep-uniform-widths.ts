import type { Tensor } from '#graph';
import type { SortedState } from './freeze-mask.js';
import { solvedRatios } from './solve-thresholds.js';
import { solveUniform, uniformMask } from './solve-uniform-widths.js';
import type { TrainingRun } from './training-run.js';

/**
 * What uniform-slimmable training (Yu & Huang 2019, arXiv 1903.05134) has in the place of phases 1 and 2: the same share of
 * every group, channels in the order in which they stand.
 */
export async function keepUniformWidths(
  run: TrainingRun,
  trainDense: () => Promise<Record<string, Tensor>>,
): Promise<SortedState> {
  const { network, ratios, options } = run.context;
  const state = await trainDense();
  const solutions = solvedRatios(solveUniform(network, ratios, options));
  return { state, mask: uniformMask(network), solutions };
}
