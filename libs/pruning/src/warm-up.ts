import type { Tensor } from '#graph';
import { initialParameters, initialScaleAndShift } from './initialise.js';
import { trainProgram } from './run-program.js';
import { denseStepGraph } from './shared-step-graph.js';
import { atRest } from './trained-states.js';
import type { TrainingRun } from './training-run.js';

/** Phase 0: trains the dense network from random weights. Gives all trained tensors with their velocities. */
export async function warmUp(run: TrainingRun): Promise<Record<string, Tensor>> {
  const { network, options, executor } = run.context;
  const state = atRest({ ...initialParameters(network, options.seed), ...initialScaleAndShift(network) });
  if (options.warmupEpochs === 0) return state;
  return trainProgram(executor, denseStepGraph(network, options), state, (program) =>
    run.epochs('warm-up', options.warmupEpochs, async (feeds) => {
      const outputs = await program.run(feeds);
      return [{ ratio: 0, loss: outputs['loss']!.data[0]! }];
    }),
  );
}
