import type { Tensor } from '#graph';
import { sliceNetwork, type Network } from '#network';
import type { UnfinishedSubnet } from './epoch-evaluation.js';
import { sliceParameters } from './family.js';
import type { FrozenMask, SortedState } from './freeze-mask.js';
import { maskIn, maskTensors } from './graph-mask.js';
import { jointStepGraph, lossName, memberTensorName } from './joint-step-graph.js';
import { batchNormLayouts, parameterLayouts, type Parameters } from './parameters.js';
import { prefixSelection, selectChannels } from './select-channels.js';
import { stepCountIn, withMoments } from './trained-states.js';
import type { RunContext, TrainingRun } from './training-run.js';

export interface JointlyTrained extends FrozenMask {
  /** Shared weights and biases. */
  readonly parameters: Parameters;
  /** BatchNorm scales and shifts of every member, by layer, of the member's widths. */
  readonly scalesAndShifts: readonly Parameters[];
}

/**
 * Phase 3: trains all subnets together, each with a BatchNorm of its own that begins as the shared one's slice.
 * @param sort phase 2; not asked for where a checkpoint lies behind it
 */
export async function trainJointly(
  run: TrainingRun,
  sort: () => Promise<SortedState>,
): Promise<JointlyTrained> {
  const { network, ratios, options } = run.context;
  const sorted = sortedStateIn(run) ?? (await sort());
  const { mask, solutions } = sorted;
  const trained = (state: Parameters) => jointlyTrained(run.context, sorted, state);
  const graph = jointStepGraph(
    network,
    solutions.map(({ widths }) => widths),
    options,
  );
  const state = await run.train({
    phase: 'joint',
    graph,
    begin: () => initialState(run.context, sorted),
    stepOf: (program) => async (feeds) => {
      const outputs = await program.run(feeds);
      return ratios.map((ratio, member) => ({ ratio, loss: outputs[lossName(member)]!.data[0]! }));
    },
    subnetsOf: (state) => solutions.map((_, member) => trainedSubnet(network, trained(state), member)),
    frozen: { tensors: maskTensors(mask), solutions },
  });
  return trained(state);
}

/** One ratio's subnet. */
export function trainedSubnet(
  network: Network,
  { parameters, scalesAndShifts, solutions }: JointlyTrained,
  member: number,
): UnfinishedSubnet {
  const { widths } = solutions[member]!;
  const values = { ...sliceParameters(network, parameters, widths), ...scalesAndShifts[member] };
  return { network: sliceNetwork(network, widths), values };
}

function jointlyTrained(
  { network, options }: RunContext,
  { mask, solutions }: SortedState,
  state: Parameters,
): JointlyTrained {
  const pick = (names: readonly string[], nameOf = (name: string) => name): Parameters =>
    Object.fromEntries(names.map((name) => [name, state[nameOf(name)]!]));
  const ownNames = batchNormLayouts(network).map(({ name }) => name);
  return {
    mask,
    solutions,
    parameters: pick(parameterLayouts(network).map(({ name }) => name)),
    scalesAndShifts: solutions.map(({ widths }, member) =>
      options.batchNormAffine === 'shared'
        ? selectChannels(state, batchNormLayouts(network), prefixSelection(widths))
        : pick(ownNames, (name) => memberTensorName(member, name)),
    ),
  };
}

/** What a checkpoint of this phase knows of the ones before it. */
function sortedStateIn(run: TrainingRun): SortedState | undefined {
  const { tensors, solutions } = run.checkpointOf('joint') ?? {};
  if (tensors === undefined || solutions === undefined) return undefined;
  return { state: tensors, mask: maskIn(run.context.network, tensors), solutions };
}

function initialState(
  { network, options: { optimizer, batchNormAffine } }: RunContext,
  { state, solutions }: SortedState,
): Record<string, Tensor> {
  const shared = withMoments(parameterLayouts(network), optimizer);
  const own = withMoments(batchNormLayouts(network), optimizer);
  const all = batchNormAffine === 'shared' ? [...shared, ...own] : shared;
  const initial = { ...selectChannels(state, all, {}), ...stepCountIn(state) };
  if (batchNormAffine === 'shared') return initial;
  solutions.forEach(({ widths }, member) => {
    const sliced = selectChannels(state, own, prefixSelection(widths));
    for (const [name, tensor] of Object.entries(sliced)) initial[memberTensorName(member, name)] = tensor;
  });
  return initial;
}
