import type { AccuracyMethod } from './accuracy-run.js';
import type { PlannedRun, PoolState, RunUnderWay } from './run-pool.js';

/** What a run says of its end is noise before this share of its work is done. */
const TELLING_FRACTION = 0.03;

/**
 * Seconds until all runs are done, from how long those took that are done or well under way, weighed by their planned
 * MACs; undefined while there are none.
 */
export function remainingSeconds(state: PoolState, jobs: number): number | undefined {
  const { waiting, underWay } = state;
  if (waiting.length + underWay.length === 0) return 0;
  const pace = paceOf(state);
  if (!pace) return undefined;
  const whole = (planned: PlannedRun) => pace(planned.method) * planned.plannedMacs;
  const left = [
    ...underWay.map((run) => Math.max(0, whole(run.planned) - run.seconds)),
    ...waiting.map(whole),
  ];
  // No run is shared by two processes.
  return Math.max(left.reduce((sum, seconds) => sum + seconds, 0) / jobs, ...left);
}

/** Seconds per planned MAC of a method's runs; those of all methods where none of its own has told any. */
function paceOf(state: PoolState): ((method: AccuracyMethod) => number) | undefined {
  const samples = samplesOf(state);
  const paceAmong = (among: readonly Sample[]) => {
    const sum = (of: (sample: Sample) => number) => among.reduce((total, sample) => total + of(sample), 0);
    return sum(({ seconds }) => seconds) / sum(({ macs }) => macs);
  };
  if (samples.length === 0) return undefined;
  return (method) => {
    const own = samples.filter((sample) => sample.method === method);
    return paceAmong(own.length > 0 ? own : samples);
  };
}

interface Sample {
  readonly method: AccuracyMethod;
  readonly seconds: number;
  readonly macs: number;
}

function samplesOf({ finished, underWay }: PoolState): Sample[] {
  const done = finished.map(({ planned, run }) => sampleOf(planned, run.seconds, 1));
  const telling = (run: RunUnderWay) => (run.progress?.fraction ?? 0) >= TELLING_FRACTION;
  const going = underWay
    .filter(telling)
    .map(({ planned, seconds, progress }) => sampleOf(planned, seconds, progress!.fraction));
  return [...done, ...going];
}

const sampleOf = ({ method, plannedMacs }: PlannedRun, seconds: number, fraction: number): Sample => ({
  method,
  seconds,
  macs: plannedMacs * fraction,
});
