import type { Tensor } from '#graph';
import { keepName, maskIn, maskTensors, nextMaskName } from './graph-mask.js';
import { initialMask, type SoftMask } from './mask.js';
import { maskedStepGraph } from './shared-step-graph.js';
import { thresholdSolver } from './solve-thresholds.js';
import { atRest } from './trained-states.js';
import { scalarTensor } from './training-inputs.js';
import type { TrainingRun } from './training-run.js';

export interface LearnedMask {
  /** All trained tensors with the optimizer's moments. */
  readonly state: Record<string, Tensor>;
  readonly mask: SoftMask;
}

/**
 * Phase 1: learns weights and mask together. Each step trains the largest subnet, or with `maskedRatios: all` one ratio of the
 * schedule in turn, under thresholds that are solved anew from the mask as it is; all share one BatchNorm.
 * @param trainDense phase 0; not asked for where a checkpoint lies behind it
 */
export async function learnMask(
  run: TrainingRun,
  trainDense: () => Promise<Record<string, Tensor>>,
): Promise<LearnedMask> {
  const { network, options } = run.context;
  const ratios = options.maskedRatios === 'all' ? run.context.ratios : run.context.ratios.slice(0, 1);
  const solve = thresholdSolver(network, options);
  const state = await run.train({
    phase: 'mask',
    graph: maskedStepGraph(network, options),
    begin: async () => {
      const dense = await trainDense();
      return {
        ...dense,
        ...atRest(maskTensors(initialMask(network, dense, options.maskInitialisation ?? 'rank'))),
      };
    },
    stepOf: (program, begun) => {
      let mask = maskIn(network, begun);
      return async (feeds, rateFactor, step) => {
        const ratio = ratios[step % ratios.length]!;
        const outputs = await program.run({
          ...feeds,
          ...maskTensors(solve(mask, ratio).keep, keepName),
          maskLearningRate: scalarTensor(options.maskLearningRate * rateFactor),
        });
        const loss = outputs['loss']!.data[0]!;
        mask = maskIn(network, outputs, nextMaskName);
        // A mask that is not finite cannot be ranked; where the loss is not either, the run names that.
        if (Number.isFinite(loss) && !isFiniteMask(mask)) throw run.diverged(ratio, 'the mask is not finite');
        return [{ ratio, loss }];
      };
    },
    subnetsOf: (values) => [{ network, values }],
  });
  return { state, mask: maskIn(network, state) };
}

const isFiniteMask = (mask: SoftMask): boolean =>
  Object.values(mask).every((values) => values.every(Number.isFinite));
