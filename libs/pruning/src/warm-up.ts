import type { Tensor } from '#graph';
import type { Network } from '#network';
import type { Family } from './family.js';
import { initialParameters, initialScaleAndShift } from './initialise.js';
import { scaleName, shiftName, type Parameters } from './parameters.js';
import { phaseEpochs } from './phase-epochs.js';
import { denseStepGraph } from './shared-step-graph.js';
import { atRest } from './trained-states.js';
import type { TrainingRun } from './training-run.js';

/**
 * Phase 0: trains the dense network from random weights, or from those of a family. Gives all trained tensors with the
 * optimizer's moments.
 */
export async function warmUp(run: TrainingRun): Promise<Record<string, Tensor>> {
  const { network, options, warmStart } = run.context;
  const initial = () =>
    atRest(warmStart ? denseTensors(warmStart) : randomTensors(network, options.seed), options.optimizer);
  if (phaseEpochs(options)['warm-up'] === 0) return initial();
  return run.train({
    phase: 'warm-up',
    graph: denseStepGraph(network, options),
    begin: initial,
    stepOf: (program) => async (feeds) => {
      const outputs = await program.run(feeds);
      return [{ ratio: 0, loss: outputs['loss']!.data[0]! }];
    },
    subnetsOf: (values) => [{ network, values }],
  });
}

const randomTensors = (network: Network, seed: number): Parameters => ({
  ...initialParameters(network, seed),
  ...initialScaleAndShift(network),
});

/** What a family's dense subnet trains, its channels in the mask's order. */
function denseTensors({ parameters, members }: Family): Parameters {
  const tensors = { ...parameters };
  for (const [layer, { scale, shift }] of Object.entries(members[0]!.batchNorm)) {
    tensors[scaleName(layer)] = { shape: [scale.length], data: scale };
    tensors[shiftName(layer)] = { shape: [shift.length], data: shift };
  }
  return tensors;
}
