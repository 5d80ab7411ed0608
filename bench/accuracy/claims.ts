import type { BenchRow } from '../benchmark.js';
import { GOALS } from '../goals.js';
import { OWN_METHODS, type AccuracyMethod, type AccuracyRun } from './accuracy-run.js';
import { sampleStatistics, type SampleStatistics } from './paired-statistics.js';
import { commonSeeds, pointsAt, seedRuns, type SeedCounts, type SeedRuns } from './seed-runs.js';

/** Behind a figure that is a mean over seeds. */
export interface SeedsDetail extends SampleStatistics {
  readonly kind: 'seeds';
  readonly seeds: readonly number[];
  readonly seedsAsked: number;
  /** The figure of each seed, in the seeds' order. */
  readonly bySeed: readonly number[];
}

/** Behind a figure that is the worst over ratios of a mean over seeds. */
export interface WorstRatioDetail extends Omit<SeedsDetail, 'kind'> {
  readonly kind: 'worst-ratio';
  readonly ratio: number;
  readonly byRatio: readonly ({ readonly ratio: number } & Omit<SeedsDetail, 'kind'>)[];
}

/** The figures that the project promises something of, from the seeds that all methods of a figure finished. */
export function claimRows(runs: readonly AccuracyRun[], asked: SeedCounts): BenchRow[] {
  const own = seedRuns(runs, OWN_METHODS);
  const context = { own, seedsAsked: asked.seeds };
  const peer = { own: seedRuns(runs, ['uniform-slimmable', 'pytorch-usnet']), seedsAsked: asked.peerSeeds };
  return [
    ...seedsRow(
      context,
      'all_in_one_minus_uniform_mean_points',
      'points',
      meanOver('all-in-one', 'uniform-slimmable'),
    ),
    ...worstRatioRow(context, {
      name: 'all_in_one_minus_independent_worst_points',
      figure: (of, ratio) => pointsAt(of('all-in-one'), ratio) - pointsAt(of('independent'), ratio),
      ratiosOf: (of) => of('all-in-one').ratios.map(({ ratio }) => ratio),
    }),
    ...seedsRow(context, 'all_in_one_at_0_minus_dense_points', 'points', (of) => {
      return pointsAt(of('all-in-one'), 0) - pointsAt(of('independent'), 0);
    }),
    ...seedsRow(context, 'training_macs_over_independents', 'x', (of) => {
      return of('all-in-one').trainingMacs / of('independent').trainingMacs;
    }),
    ...worstRatioRow(context, {
      name: 'untrained_ratio_error_points',
      figure: (of, ratio) => underTheLine(of('all-in-one'), ratio),
      ratiosOf: (of) => of('all-in-one').untrained.map(({ ratio }) => ratio),
    }),
    ...seedsRow(
      peer,
      'uniform_minus_pytorch_usnet_mean_points',
      'points',
      meanOver('uniform-slimmable', 'pytorch-usnet'),
    ),
  ];
}

type RunOf = (method: AccuracyMethod) => AccuracyRun;

interface Context {
  readonly own: readonly SeedRuns[];
  readonly seedsAsked: number;
}

/** One method's accuracy less the other's, mean over their ratios, in points. */
const meanOver =
  (method: AccuracyMethod, other: AccuracyMethod) =>
  (of: RunOf): number => {
    const { ratios } = of(method);
    const differences = ratios.map(({ ratio }) => pointsAt(of(method), ratio) - pointsAt(of(other), ratio));
    return differences.reduce((sum, each) => sum + each, 0) / ratios.length;
  };

/**
 * How many points an untrained ratio is under the straight line between its trained neighbours' accuracies over the
 * ratio; negative where it is above.
 */
function underTheLine(run: AccuracyRun, ratio: number): number {
  const above = run.ratios.findIndex((trained) => trained.ratio > ratio);
  if (above < 1) throw new RangeError(`ratio ${ratio} is not between two trained ratios`);
  const [left, right] = [run.ratios[above - 1]!, run.ratios[above]!];
  const share = (ratio - left.ratio) / (right.ratio - left.ratio);
  const line = left.accuracy + share * (right.accuracy - left.accuracy);
  return 100 * (line - run.untrained.find((each) => each.ratio === ratio)!.accuracy);
}

type ClaimName = keyof typeof GOALS;

function seedsRow(
  { own, seedsAsked }: Context,
  name: ClaimName,
  unit: string,
  figure: (of: RunOf) => number,
): BenchRow[] {
  if (own.length === 0) return [];
  const detail: SeedsDetail = { kind: 'seeds', ...overSeeds(own, seedsAsked, figure) };
  return [claimRow(name, unit, detail)];
}

interface RatioFigure {
  readonly name: ClaimName;
  readonly figure: (of: RunOf, ratio: number) => number;
  readonly ratiosOf: (of: RunOf) => readonly number[];
}

/** The ratio whose mean over the seeds says least for us. */
function worstRatioRow({ own, seedsAsked }: Context, { name, figure, ratiosOf }: RatioFigure): BenchRow[] {
  const ratios = own.length === 0 ? [] : ratiosOf(own[0]!.of);
  const byRatio = ratios.map((ratio) => {
    return { ratio, ...overSeeds(own, seedsAsked, (of) => figure(of, ratio)) };
  });
  const sign = GOALS[name].better === 'higher' ? 1 : -1;
  const [worst] = [...byRatio].sort((a, b) => sign * (a.mean - b.mean));
  if (!worst) return [];
  const detail: WorstRatioDetail = { kind: 'worst-ratio', ...worst, byRatio };
  return [claimRow(name, 'points', detail)];
}

function overSeeds(
  own: readonly SeedRuns[],
  seedsAsked: number,
  figure: (of: RunOf) => number,
): Omit<SeedsDetail, 'kind'> {
  const bySeed = own.map(({ of }) => figure(of));
  return { seeds: commonSeeds(own), seedsAsked, bySeed, ...sampleStatistics(bySeed) };
}

function claimRow(name: ClaimName, unit: string, detail: SeedsDetail | WorstRatioDetail): BenchRow {
  const { mean: value, interval } = detail;
  return { name, value, unit, ...(interval && { interval }), goal: GOALS[name], detail: { ...detail } };
}
