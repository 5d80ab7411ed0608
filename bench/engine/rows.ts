import type { BenchRow, Goal } from '../benchmark.js';
import { badness } from '../goals.js';
import { median } from '../median.js';
import { worstDifference } from './check-agreement.js';
import type { Hello } from './messages.js';
import type { Finish } from './race.js';

/** Times of one contestant, with what it is. */
export interface StepSample {
  readonly name: string;
  readonly engine: Hello;
  readonly medianSeconds: number;
  readonly secondsByRound: Finish['seconds'];
}

/** Behind a share of PyTorch's speed. */
export interface ShareDetail {
  readonly ours: StepSample;
  /** The fastest first: the one that the share is of. */
  readonly peers: readonly StepSample[];
  /** Relative, over the compared steps and all peers. */
  readonly worstLossDifference: number;
}

/** Behind a joint step's cost. */
export interface KeptMacsDetail {
  /** Of all its subnets, over the dense network's MACs. */
  readonly keptMacs: number;
  /** The figure by the ratios' own share, which the widths cannot always meet exactly. */
  readonly byNominalMacs: number;
  /** Its time over the dense step's. */
  readonly overDense: number;
  readonly joint: StepSample;
  readonly dense: StepSample;
}

/** Behind a figure of memory. */
export interface MemoryDetail {
  readonly leanestPeer: string;
  readonly peakMemoryBytes: Readonly<Record<string, number>>;
}

/** Behind an engine's images per second. */
export interface EngineDetail extends StepSample {
  readonly peakMemoryBytes: number | undefined;
  readonly losses: Finish['losses'];
}

/** Seconds of a step: the median of all that were timed. */
const secondsOf = ({ seconds }: Finish): number => median(seconds.flat());

const fastestFirst = (finishes: readonly Finish[]): Finish[] =>
  [...finishes].sort((a, b) => secondsOf(a) - secondsOf(b));

/** Speed of `ours` as a share of the fastest peer's; nothing where no peer ran. */
export function shareRow(
  name: string,
  ours: Finish | undefined,
  peers: readonly Finish[],
  goal?: Goal,
): BenchRow[] {
  const [peer] = fastestFirst(peers);
  if (!ours || !peer) return [];
  const detail: ShareDetail = {
    ours: sampleOf(ours),
    peers: fastestFirst(peers).map(sampleOf),
    worstLossDifference: Math.max(...peers.map((each) => worstDifference(ours, each).difference)),
  };
  return [
    {
      name,
      value: ratioByRound(peer, ours),
      unit: "of PyTorch's speed",
      ...(goal && { goal }),
      detail: { ...detail },
    },
  ];
}

/** How much longer a joint step takes than its subnets' MACs would at the dense step's speed. */
export function keptMacsRow(
  name: string,
  { joint, dense }: { joint: Finish; dense: Finish },
  { keptMacs, nominalMacs }: { keptMacs: number; nominalMacs: number },
): BenchRow {
  const overDense = ratioByRound(joint, dense);
  const detail: KeptMacsDetail = {
    ...{ keptMacs, overDense, byNominalMacs: overDense / nominalMacs },
    ...{ joint: sampleOf(joint), dense: sampleOf(dense) },
  };
  return { name, value: overDense / keptMacs, unit: 'x', detail: { ...detail } };
}

/** Our peak memory over the leanest peer's; nothing where it was not measured. */
export function memoryRow(name: string, ours: Finish, peers: readonly Finish[]): BenchRow[] {
  const measured = peers.filter(({ peakMemoryBytes }) => peakMemoryBytes !== undefined);
  const leanest = [...measured].sort((a, b) => a.peakMemoryBytes! - b.peakMemoryBytes!)[0];
  if (!leanest || ours.peakMemoryBytes === undefined) return [];
  const peakMemoryBytes = Object.fromEntries(
    [ours, ...measured].map((each) => [each.name, each.peakMemoryBytes!]),
  );
  const detail: MemoryDetail = { leanestPeer: leanest.name, peakMemoryBytes };
  const value = ours.peakMemoryBytes / leanest.peakMemoryBytes!;
  return [{ name, value, unit: 'x', detail: { ...detail } }];
}

export function imagesPerSecondRow(finish: Finish, batchSize: number): BenchRow {
  const name = `images_per_second_${finish.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')}`;
  const { peakMemoryBytes, losses } = finish;
  const detail: EngineDetail = { ...sampleOf(finish), peakMemoryBytes, losses };
  return { name, value: batchSize / secondsOf(finish), unit: 'images/s', detail: { ...detail } };
}

/** The one of several figures that says least for us, under a name and goal of its own. */
export function worstRow(name: string, rows: readonly BenchRow[], goal: Goal): BenchRow[] {
  if (rows.length === 0) return [];
  const worst = [...rows].sort((a, b) => badness(goal, b.value) - badness(goal, a.value))[0]!;
  return [{ ...worst, name, goal, detail: { worstOf: rows.map((row) => row.name), is: worst.name } }];
}

/** Median over the rounds of the ratio of both medians: what slows a whole round down slows both. */
function ratioByRound(numerator: Finish, denominator: Finish): number {
  const rounds = Math.min(numerator.seconds.length, denominator.seconds.length);
  const ratios = Array.from(
    { length: rounds },
    (_, round) => median(numerator.seconds[round]!) / median(denominator.seconds[round]!),
  );
  return median(ratios);
}

const sampleOf = (finish: Finish): StepSample => ({
  name: finish.name,
  engine: finish.hello,
  medianSeconds: secondsOf(finish),
  secondsByRound: finish.seconds,
});
