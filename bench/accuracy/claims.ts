import type { BenchRow, SeedsOfRow } from '../benchmark.js';
import { badness, GOALS } from '../goals.js';
import { OWN_METHODS, type AccuracyMethod, type AccuracyRun } from './accuracy-run.js';
import { meanOf, sampleStatistics, type SampleStatistics } from './sample-statistics.js';
import { pointsAt, seedRuns, untrainedPointsAt, type SeedCounts, type SeedRuns } from './seed-runs.js';

/** Behind a figure that is a mean over seeds. */
export interface SeedsDetail extends SampleStatistics, SeedsOfRow {
  readonly kind: 'seeds';
  /** The figure of each seed, in the seeds' order. */
  readonly bySeed: readonly number[];
}

/** Behind a figure that is the worst over ratios of a mean over seeds. */
export interface WorstRatioDetail extends Omit<SeedsDetail, 'kind'> {
  readonly kind: 'worst-ratio';
  readonly ratio: number;
  readonly byRatio: readonly ({ readonly ratio: number } & Omit<SeedsDetail, 'kind'>)[];
}

/** All that `claimRows` makes where every method was run. */
export const CLAIMS = [
  'all_in_one_minus_uniform_mean_points',
  'all_in_one_minus_independent_worst_points',
  'all_in_one_at_0_minus_dense_points',
  'training_macs_over_independents',
  'untrained_ratio_error_points',
  'uniform_minus_pytorch_usnet_worst_points',
] as const;

/** The figures that the project promises something of, from the seeds that all methods of a figure finished. */
export function claimRows(runs: readonly AccuracyRun[], asked: SeedCounts): BenchRow[] {
  const own = { complete: seedRuns(runs, OWN_METHODS), seedsAsked: asked.seeds };
  const peer = {
    complete: seedRuns(runs, ['uniform-slimmable', 'pytorch-usnet']),
    seedsAsked: Math.min(asked.seeds, asked.peerSeeds),
  };
  return [
    ...seedsRow(own, 'all_in_one_minus_uniform_mean_points', 'points', (of) => {
      const ratios = trainedRatios(of('all-in-one'));
      return meanOf(ratios.map((ratio) => difference(of, 'all-in-one', 'uniform-slimmable', ratio)));
    }),
    ...worstRatioRow(own, {
      name: 'all_in_one_minus_independent_worst_points',
      figure: (of, ratio) => difference(of, 'all-in-one', 'independent', ratio),
      ratiosOf: (of) => trainedRatios(of('all-in-one')),
    }),
    ...seedsRow(own, 'all_in_one_at_0_minus_dense_points', 'points', (of) => {
      return difference(of, 'all-in-one', 'independent', 0);
    }),
    ...seedsRow(own, 'training_macs_over_independents', 'x', (of) => {
      return of('all-in-one').trainingMacs / of('independent').trainingMacs;
    }),
    ...worstRatioRow(own, {
      name: 'untrained_ratio_error_points',
      figure: (of, ratio) => underTheLine(of('all-in-one'), ratio),
      ratiosOf: (of) => of('all-in-one').untrained.map(({ ratio }) => ratio),
    }),
    ...worstRatioRow(peer, {
      name: 'uniform_minus_pytorch_usnet_worst_points',
      figure: (of, ratio) => difference(of, 'uniform-slimmable', 'pytorch-usnet', ratio),
      ratiosOf: (of) => trainedRatios(of('uniform-slimmable')),
    }),
  ];
}

type RunOf = (method: AccuracyMethod) => AccuracyRun;

/** What a figure is made from. */
interface Context {
  readonly complete: readonly SeedRuns[];
  readonly seedsAsked: number;
}

/** One method's accuracy less the other's, in points. */
const difference = (of: RunOf, method: AccuracyMethod, other: AccuracyMethod, ratio: number): number =>
  pointsAt(of(method), ratio) - pointsAt(of(other), ratio);

const trainedRatios = ({ ratios }: AccuracyRun): number[] => ratios.map(({ ratio }) => ratio);

/**
 * How many points an untrained ratio is under the straight line between its trained neighbours' accuracies over the
 * ratio; negative where it is above.
 * @throws RangeError when it is between no trained ones, or the run has no such untrained ratio
 */
function underTheLine(run: AccuracyRun, ratio: number): number {
  const above = run.ratios.findIndex((trained) => trained.ratio > ratio);
  if (above < 1) throw new RangeError(`ratio ${ratio} is not between two trained ratios`);
  const [left, right] = [run.ratios[above - 1]!, run.ratios[above]!];
  const share = (ratio - left.ratio) / (right.ratio - left.ratio);
  const line = left.accuracy + share * (right.accuracy - left.accuracy);
  return 100 * line - untrainedPointsAt(run, ratio);
}

type ClaimName = keyof typeof GOALS;

function seedsRow(
  context: Context,
  name: ClaimName,
  unit: string,
  figure: (of: RunOf) => number,
): BenchRow[] {
  if (context.complete.length === 0) return [];
  const detail: SeedsDetail = { kind: 'seeds', ...overSeeds(context, figure) };
  return [claimRow(name, unit, detail)];
}

interface RatioFigure {
  readonly name: ClaimName;
  readonly figure: (of: RunOf, ratio: number) => number;
  readonly ratiosOf: (of: RunOf) => readonly number[];
}

/** The ratio whose mean over the seeds says least for us. */
function worstRatioRow(context: Context, { name, figure, ratiosOf }: RatioFigure): BenchRow[] {
  const [first] = context.complete;
  const byRatio = (first ? ratiosOf(first.of) : []).map((ratio) => {
    return { ratio, ...overSeeds(context, (of) => figure(of, ratio)) };
  });
  const badnessOf = ({ mean }: SampleStatistics) => badness(GOALS[name], mean);
  const [worst] = [...byRatio].sort((a, b) => badnessOf(b) - badnessOf(a));
  if (!worst) return [];
  const detail: WorstRatioDetail = { kind: 'worst-ratio', ...worst, byRatio };
  return [claimRow(name, 'points', detail)];
}

function overSeeds(
  { complete, seedsAsked }: Context,
  figure: (of: RunOf) => number,
): Omit<SeedsDetail, 'kind'> {
  const bySeed = complete.map(({ of }) => figure(of));
  return { seeds: complete.map(({ seed }) => seed), seedsAsked, bySeed, ...sampleStatistics(bySeed) };
}

function claimRow(name: ClaimName, unit: string, detail: SeedsDetail | WorstRatioDetail): BenchRow {
  const { mean: value, interval } = detail;
  return { name, value, unit, ...(interval && { interval }), goal: GOALS[name], detail: { ...detail } };
}
