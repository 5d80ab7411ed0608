import type { Tensor } from '#graph';
import { initialParameters, initialScaleAndShift } from './initialise.js';
import { denseStepGraph } from './shared-step-graph.js';
import { atRest } from './trained-states.js';
import type { TrainingRun } from './training-run.js';

/** Phase 0: trains the dense network from random weights. Gives all trained tensors with the optimizer's moments. */
export async function warmUp(run: TrainingRun): Promise<Record<string, Tensor>> {
  const { network, options } = run.context;
  const initial = () =>
    atRest(
      { ...initialParameters(network, options.seed), ...initialScaleAndShift(network) },
      options.optimizer,
    );
  if (options.warmupEpochs === 0) return initial();
  return run.train({
    phase: 'warm-up',
    graph: denseStepGraph(network, options),
    begin: initial,
    stepOf: (program) => async (feeds) => {
      const outputs = await program.run(feeds);
      return [{ ratio: 0, loss: outputs['loss']!.data[0]! }];
    },
  });
}
