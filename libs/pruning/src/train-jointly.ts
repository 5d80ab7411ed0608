import type { Tensor } from '#graph';
import type { Widths } from '#network';
import { jointStepGraph, lossOf, privateOf } from './joint-step-graph.js';
import { batchNormLayouts, parameterLayouts, type Parameters } from './parameters.js';
import { trainProgram } from './run-program.js';
import { prefixSelection, selectChannels } from './select-channels.js';
import { withVelocities } from './trained-states.js';
import type { TrainingRun } from './training-run.js';

export interface JointlyTrained {
  /** Shared weights and biases. */
  readonly parameters: Parameters;
  /** BatchNorm scales and shifts of every member, by layer, of the member's widths. */
  readonly scalesAndShifts: readonly Parameters[];
}

/** Phase 3: trains all subnets together, each with a BatchNorm of its own that begins as the shared one's slice. */
export async function trainJointly(
  run: TrainingRun,
  sorted: Record<string, Tensor>,
  widths: readonly Widths[],
): Promise<JointlyTrained> {
  const { network, ratios, options, executor } = run.context;
  const shared = parameterLayouts(network);
  const own = batchNormLayouts(network);
  const initial = selectChannels(sorted, withVelocities(shared), {});
  widths.forEach((kept, member) => {
    const sliced = selectChannels(sorted, withVelocities(own), prefixSelection(kept));
    for (const [name, tensor] of Object.entries(sliced)) initial[privateOf(member, name)] = tensor;
  });
  const graph = jointStepGraph(network, widths, options);
  const state = await trainProgram(executor, graph, initial, (program) =>
    run.epochs('joint', options.jointEpochs, async (feeds) => {
      const outputs = await program.run(feeds);
      return ratios.map((ratio, member) => ({ ratio, loss: outputs[lossOf(member)]!.data[0]! }));
    }),
  );
  const pick = (names: readonly string[], nameOf: (name: string) => string): Parameters =>
    Object.fromEntries(names.map((name) => [name, state[nameOf(name)]!]));
  const ownNames = own.map((layout) => layout.name);
  return {
    parameters: pick(
      shared.map((layout) => layout.name),
      (name) => name,
    ),
    scalesAndShifts: widths.map((_, member) => pick(ownNames, (name) => privateOf(member, name))),
  };
}
