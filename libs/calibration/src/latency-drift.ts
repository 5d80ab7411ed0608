import { CalibrationError } from './calibration-error.js';

/** What latencies in the field are held to. */
export interface DriftReference {
  readonly predictedMs: number;
  /** Relative distance from the prediction that is no drift. */
  readonly tolerance: number;
}

/** What a test of one operating point has seen. Plain data, to be stored between the posts of a device. */
export interface DriftState {
  /** Blocks of latencies seen. */
  readonly blocks: number;
  /** Wealth of those who bet that latency has risen, and of those who bet that it has fallen, one for each stake. */
  readonly slower: readonly number[];
  readonly faster: readonly number[];
  /** Of the block that is not full yet, in milliseconds. */
  readonly pendingMs: readonly number[];
  /** Medians of the newest blocks, in milliseconds: what an alarm shows. */
  readonly recentMediansMs: readonly number[];
}

export interface DriftVerdict {
  readonly state: DriftState;
  /** Whether the operating point has to be measured again. */
  readonly drifted: 'slower' | 'faster' | undefined;
}

/** Latencies whose median is one observation: what disturbs a few runs in a row disturbs one of them. */
export const BLOCK = 10;
/**
 * Of what is owned, what is bet on each block, by one bettor each. The high stake is the quickest where latencies are
 * steady, but gains nothing where noise puts every fifth median on the other side; there the low one does.
 */
const STAKES = [0.5, 0.9];
/**
 * Blocks that pass between two false alarms on average, at the least, while the median of a block is outside the tolerance
 * half of the time; inside it alarms are far rarer.
 */
export const BLOCKS_BETWEEN_FALSE_ALARMS = 100_000;
const SHOWN_MEDIANS = 20;

export const NO_DRIFT_SEEN: DriftState = {
  blocks: 0,
  slower: STAKES.map(() => 1),
  faster: STAKES.map(() => 1),
  pendingMs: [],
  recentMediansMs: [],
};

/**
 * Takes field latencies of one operating point, in the order they were measured. A bet against each side of the tolerance is
 * placed on every block's median; while the true median is inside, a bet gains nothing on average, whatever the noise, so
 * wealth of 100,000 that begins anew whenever it is lost comes once in as many blocks at most, and so does a mean of such
 * wealths (e-detectors: Shin, Ramdas and Rinaldo 2022, theorem 2.4). An alarm ends the test: what follows is not looked at,
 * so the state says what raised it.
 * @throws CalibrationError for a latency, prediction or tolerance that is not positive
 */
export function testDrift(
  before: DriftState,
  latenciesMs: readonly number[],
  reference: DriftReference,
): DriftVerdict {
  checkReference(reference);
  const wrong = latenciesMs.findIndex((ms) => !(ms > 0 && Number.isFinite(ms)));
  if (wrong >= 0) {
    throw new CalibrationError(`latenciesMs[${wrong}]: ${latenciesMs[wrong]}, expected a positive latency`);
  }
  let state = before;
  for (const ms of latenciesMs) {
    if (driftOf(state) !== undefined) break;
    state = withLatency(state, ms, reference);
  }
  return { state, drifted: driftOf(state) };
}

function withLatency(state: DriftState, ms: number, reference: DriftReference): DriftState {
  const pendingMs = [...state.pendingMs, ms];
  if (pendingMs.length < BLOCK) return { ...state, pendingMs };
  const median = medianOf(pendingMs);
  const { predictedMs, tolerance } = reference;
  return {
    blocks: state.blocks + 1,
    slower: bet(state.slower, median > predictedMs * (1 + tolerance)),
    faster: bet(state.faster, median < predictedMs * (1 - tolerance)),
    pendingMs: [],
    recentMediansMs: [...state.recentMediansMs, median].slice(-SHOWN_MEDIANS),
  };
}

/** Evidence that latency has risen, and that it has fallen: 1 or less for none, 100,000 for an alarm. */
export function driftEvidence({ slower, faster }: DriftState): { slower: number; faster: number } {
  return { slower: meanOf(slower), faster: meanOf(faster) };
}

/** Wealth after a bet at even odds; whoever has lost what they began with begins anew. */
function bet(wealth: readonly number[], won: boolean): number[] {
  return STAKES.map((stake, i) => Math.max(wealth[i]!, 1) * (won ? 1 + stake : 1 - stake));
}

function driftOf(state: DriftState): DriftVerdict['drifted'] {
  const { slower, faster } = driftEvidence(state);
  if (slower >= BLOCKS_BETWEEN_FALSE_ALARMS) return 'slower';
  return faster >= BLOCKS_BETWEEN_FALSE_ALARMS ? 'faster' : undefined;
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

function checkReference({ predictedMs, tolerance }: DriftReference): void {
  if (!(predictedMs > 0 && Number.isFinite(predictedMs))) {
    throw new CalibrationError(`predictedMs: ${predictedMs}, expected a positive latency`);
  }
  if (!(tolerance > 0 && tolerance <= 1)) {
    throw new CalibrationError(`tolerance: ${tolerance}, expected more than 0, at most 1`);
  }
}
