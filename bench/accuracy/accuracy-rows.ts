import type { BenchRow } from '../benchmark.js';
import { ACCURACY_METHODS, type AccuracyMethod, type AccuracyRun } from './accuracy-run.js';
import { meanOf, sampleStatistics, type SampleStatistics } from './sample-statistics.js';

/** Behind a method's accuracy at one ratio. */
export interface AccuracyDetail extends SampleStatistics {
  readonly kind: 'accuracy';
  readonly method: AccuracyMethod;
  readonly ratio: number;
  readonly trained: boolean;
  readonly seeds: readonly number[];
  /** Percent, in the seeds' order. */
  readonly bySeed: readonly number[];
  /** Means over the seeds: learned widths differ from seed to seed. */
  readonly macs: number;
  readonly parameters?: number;
}

/** Behind the MACs of a method's training. */
export interface CostDetail {
  readonly kind: 'cost';
  readonly method: AccuracyMethod;
  readonly seeds: readonly number[];
  readonly epochs: number;
  /** Of each seed's run, while as many others ran beside it as the benchmark was told. */
  readonly secondsBySeed: readonly number[];
}

/** Every method's accuracy at every ratio over the seeds that it finished, and what its training took. */
export function accuracyRows(runs: readonly AccuracyRun[]): BenchRow[] {
  return ACCURACY_METHODS.flatMap((method) => {
    const own = runs.filter((run) => run.method === method).sort((a, b) => a.seed - b.seed);
    const [first] = own;
    if (!first) return [];
    return [
      ...first.ratios.map(({ ratio }) => ratioRow(method, own, ratio, true)),
      ...first.untrained.map(({ ratio }) => ratioRow(method, own, ratio, false)),
      costRow(method, own),
    ];
  });
}

function ratioRow(
  method: AccuracyMethod,
  runs: readonly AccuracyRun[],
  ratio: number,
  trained: boolean,
): BenchRow {
  const found = runs.map((run) => {
    const among: readonly { ratio: number; accuracy: number; macs: number; parameters?: number }[] = trained
      ? run.ratios
      : run.untrained;
    const entry = among.find((each) => each.ratio === ratio);
    if (!entry)
      throw new RangeError(`${method} seed ${run.seed} has no ratio ${ratio} as seed ${runs[0]!.seed} has`);
    return entry;
  });
  const bySeed = found.map(({ accuracy }) => 100 * accuracy);
  const statistics = sampleStatistics(bySeed);
  const detail: AccuracyDetail = {
    ...{ kind: 'accuracy', method, ratio, trained, seeds: seedsOf(runs), bySeed, ...statistics },
    macs: meanOf(found.map(({ macs }) => macs)),
    ...(trained && { parameters: meanOf(found.map(({ parameters }) => parameters!)) }),
  };
  const { mean: value, interval } = statistics;
  const name = `accuracy_${inName(method)}_at_${inName(ratio)}${trained ? '' : '_untrained'}`;
  return { name, value, unit: '%', ...(interval && { interval }), detail: { ...detail } };
}

function costRow(method: AccuracyMethod, runs: readonly AccuracyRun[]): BenchRow {
  const detail: CostDetail = {
    ...{ kind: 'cost', method, seeds: seedsOf(runs), epochs: runs[0]!.epochs },
    secondsBySeed: runs.map(({ seconds }) => seconds),
  };
  const value = meanOf(runs.map(({ trainingMacs }) => trainingMacs));
  return { name: `training_macs_${inName(method)}`, value, unit: 'MACs', detail: { ...detail } };
}

const seedsOf = (runs: readonly AccuracyRun[]): number[] => runs.map(({ seed }) => seed);
const inName = (text: string | number): string => String(text).replaceAll(/[^a-z0-9]+/g, '_');
