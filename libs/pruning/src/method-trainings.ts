import { denseWidths, sliceNetwork, type Cost, type Widths } from '#network';
import { plannedWork } from './progress-meter.js';
import { solveUniformWidths } from './solve-uniform-widths.js';
import type { TrainFamilyRequest, TrainFamilyResult } from './train-family.js';
import type { FamilyMethod, TrainFamilyOptions } from './training-options.js';

/** Ways to get a network for every ratio of a schedule: one weight set, or a network of its own for each. */
export type Method = FamilyMethod | 'independent' | 'dense';

/** One training of a method, and what it is for. */
export interface MethodTraining {
  /** Unique among the method's trainings; letters, digits, ".", "-". */
  readonly name: string;
  /** Ratios of the schedule that it gives networks for, in the order of its family's members. */
  readonly ratios: readonly number[];
  readonly request: TrainFamilyRequest;
  /** In forward passes of the dense network over one image, near enough for a progress bar. */
  readonly work: number;
}

/** What a method achieved at one ratio. */
export interface MethodMember {
  readonly ratio: number;
  /** Top-1 on the test images, 0..1. */
  readonly accuracy: number;
  readonly widths: Widths;
  readonly cost: Cost;
  readonly derived: boolean;
}

/**
 * The trainings by which a method serves a schedule, all of as many epochs, on the same data from the same seed. An independent
 * network is trained like the dense one, at the uniform widths of its ratio from its first step on; `dense` is the one
 * of ratio 0 alone.
 * @param request of an all-in-one training
 * @throws as `solveThresholds` does
 */
export function trainingsOf(method: Method, request: TrainFamilyRequest): MethodTraining[] {
  if (method === 'dense') return [independent(request, 0)];
  if (method === 'independent') return request.ratios.map((ratio) => independent(request, ratio));
  const own = { ...request, options: { ...request.options, method } };
  return [{ name: method, ratios: request.ratios, request: own, work: workOf(own) }];
}

function independent(request: TrainFamilyRequest, ratio: number): MethodTraining {
  const widths =
    ratio === 0 ? denseWidths(request.network) : solveUniformWidths(request.network, ratio, request.options);
  const own = {
    ...request,
    network: sliceNetwork(request.network, widths),
    ratios: [0],
    untrainedRatios: [],
    options: aloneOptions(request.options),
  };
  return { name: `independent-${ratio}`, ratios: [ratio], request: own, work: (1 - ratio) * workOf(own) };
}

/** Of all phases, in forward passes of the request's own network. */
function workOf({ ratios, untrainedRatios = [], data, options }: TrainFamilyRequest): number {
  const work = plannedWork([...ratios, ...untrainedRatios], data, options);
  return [...work.values()].reduce((a, b) => a + b, 0);
}

/** All epochs on one network: there is nothing to prune and nobody to learn from, so that the joint loop is plain training. */
function aloneOptions(options: TrainFamilyOptions): TrainFamilyOptions {
  const { warmupEpochs, maskEpochs, jointEpochs } = options;
  return {
    ...options,
    method: 'uniform-slimmable',
    warmupEpochs: 0,
    maskEpochs: 0,
    jointEpochs: warmupEpochs + maskEpochs + jointEpochs,
  };
}

/** What a finished training says of its ratios, derived ones among them. */
export function membersOf(
  { ratios }: Pick<MethodTraining, 'ratios'>,
  result: TrainFamilyResult,
): MethodMember[] {
  const { members } = result.family;
  const trained = members.filter(({ derived }) => !derived);
  return members.map((member, index) => {
    const { widths, cost, derived = false } = member;
    // An independent network's own ratio is 0 whatever it was cut out at.
    const ratio = derived ? member.ratio : ratios[trained.indexOf(member)]!;
    return { ratio, accuracy: result.accuracies[index]!, widths, cost, derived };
  });
}
