import type { Tensor } from '#graph';
import { keepOf, maskOf, nextMaskOf } from './graph-mask.js';
import { initialMask, type SoftMask } from './mask.js';
import { trainProgram } from './run-program.js';
import { maskedStepGraph } from './shared-step-graph.js';
import { thresholdSolver } from './solve-thresholds.js';
import { atRest } from './trained-states.js';
import { scalarTensor } from './training-inputs.js';
import type { TrainingRun } from './training-run.js';

export interface LearnedMask {
  /** All trained tensors with their velocities. */
  readonly state: Record<string, Tensor>;
  readonly mask: SoftMask;
}

/**
 * Phase 1: learns weights and mask together. Each step trains one ratio of the schedule, in turn, under thresholds that
 * are solved anew from the mask as it is; all ratios share one BatchNorm here.
 */
export async function learnMask(run: TrainingRun, state: Record<string, Tensor>): Promise<LearnedMask> {
  const { network, ratios, options, executor } = run.context;
  const solve = thresholdSolver(network, options);
  let mask = initialMask(network, state);
  const softState = atRest(mapMask(mask, maskOf));
  const trained = await trainProgram(
    executor,
    maskedStepGraph(network, options),
    { ...state, ...softState },
    (program) =>
      run.epochs('mask', options.maskEpochs, async (feeds, rateFactor, step) => {
        const ratio = ratios[step % ratios.length]!;
        const outputs = await program.run({
          ...feeds,
          ...mapMask(solve(mask, ratio).keep, keepOf),
          maskLearningRate: scalarTensor(options.maskLearningRate * rateFactor),
        });
        const loss = outputs['loss']!.data[0]!;
        mask = nextMask(mask, outputs);
        // A mask that is not finite cannot be ranked; where the loss is not either, the run names that.
        if (Number.isFinite(loss) && !isFiniteMask(mask)) throw run.diverged(ratio, 'the mask is not finite');
        return [{ ratio, loss }];
      }),
  );
  return { state: trained, mask };
}

const nextMask = (mask: SoftMask, outputs: Record<string, Tensor>): SoftMask =>
  Object.fromEntries(Object.keys(mask).map((group) => [group, outputs[nextMaskOf(group)]!.data]));

const isFiniteMask = (mask: SoftMask): boolean =>
  Object.values(mask).every((values) => values.every(Number.isFinite));

const mapMask = (mask: SoftMask, nameOf: (group: string) => string): Record<string, Tensor> =>
  Object.fromEntries(
    Object.entries(mask).map(([group, data]) => [nameOf(group), { shape: [data.length], data }]),
  );
