/** Latency table -> one pruning ratio per operating point. Plain numbers in, plain numbers out. */
import { CalibrationError } from './calibration-error.js';
import { latencyCurves, type CalibrationCell, type LatencyCurve } from './latency-curve.js';
import { stabilityOf, type Stability } from './stability.js';

/** A latency to hold, or that of the fastest operating point at some ratio. */
export type CalibrationTarget =
  | { readonly kind: 'latency'; readonly latencyMs: number }
  | { readonly kind: 'fastest-at-ratio'; readonly ratio: number };

export interface CalibrationInput {
  readonly cells: readonly CalibrationCell[];
  /** Names, in the order wanted for the choices. */
  readonly operatingPoints: readonly string[];
  readonly target: CalibrationTarget;
  /** Relative distance from the target that still counts as met. */
  readonly tolerance: number;
}

export interface CalibrationChoice {
  operatingPoint: string;
  ratio: number;
  predictedMs: number;
  denseMs: number;
  feasible: boolean;
  reason?: string;
}

export interface CalibrationResult {
  targetMs: number;
  tolerance: number;
  choices: CalibrationChoice[];
  /** 0 and every chosen ratio, ascending. */
  ratios: number[];
  stability: { dense: Stability; calibrated: Stability };
}

/** Ratios are chosen in steps of 0.01: finer than any network's channels can follow. */
const STEPS_PER_UNIT = 100;
/** Distances from the target that differ by less than this share of the tolerance are the same: noise, not saving. */
const SAME_DISTANCE = 0.1;

/**
 * Chooses per operating point the ratio whose interpolated latency is nearest to the target.
 * A choice lies within the measured ratios and is never one that a smaller ratio equals or beats in latency, so
 * plateaus and rising rows cost no accuracy. A point that cannot meet the target within the tolerance gets the
 * nearest it can reach, with the reason.
 * @throws CalibrationError for an unusable table, target or tolerance.
 */
export function calibrate({
  cells,
  operatingPoints,
  target,
  tolerance,
}: CalibrationInput): CalibrationResult {
  if (!(tolerance > 0 && tolerance <= 1)) {
    throw new CalibrationError(`tolerance: ${tolerance}, expected more than 0, at most 1`);
  }
  const curves = latencyCurves(cells, operatingPoints);
  const targetMs = latencyOf(target, curves);
  const choices = curves.map((curve) => choose(curve, targetMs, tolerance));
  return {
    targetMs,
    tolerance,
    choices,
    ratios: [...new Set([0, ...choices.map((choice) => choice.ratio)])].sort((a, b) => a - b),
    stability: {
      dense: stabilityOf(choices.map((choice) => choice.denseMs)),
      calibrated: stabilityOf(choices.map((choice) => choice.predictedMs)),
    },
  };
}

function latencyOf(target: CalibrationTarget, curves: readonly LatencyCurve[]): number {
  if (target.kind === 'latency') {
    if (target.latencyMs > 0 && Number.isFinite(target.latencyMs)) return target.latencyMs;
    throw new CalibrationError(`target.latencyMs: ${target.latencyMs}, expected a positive latency`);
  }
  const { ratio } = target;
  const measured = curves.filter((curve) => ratio >= 0 && ratio <= curve.largestRatio);
  if (measured.length === 0) {
    const largest = Math.max(...curves.map((curve) => curve.largestRatio));
    throw new CalibrationError(`target.ratio: ${ratio}, expected within the measured ratios 0 to ${largest}`);
  }
  return Math.min(...measured.map((curve) => curve.at(ratio)));
}

interface Candidate {
  ratio: number;
  ms: number;
}

function choose(curve: LatencyCurve, targetMs: number, tolerance: number): CalibrationChoice {
  const candidates = savingCandidates(curve);
  const distance = (candidate: Candidate) => Math.abs(candidate.ms - targetMs);
  const nearest = Math.min(...candidates.map(distance));
  const limit = nearest + SAME_DISTANCE * tolerance * targetMs;
  // Of equals the smallest ratio: it keeps the most of the network. But none that misses where another meets.
  const reach = nearest <= tolerance * targetMs ? Math.min(limit, tolerance * targetMs) : limit;
  const chosen = candidates.find((candidate) => distance(candidate) <= reach)!;
  const feasible = distance(chosen) <= tolerance * targetMs;
  return {
    operatingPoint: curve.operatingPoint,
    ratio: chosen.ratio,
    predictedMs: chosen.ms,
    denseMs: curve.denseMs,
    feasible,
    ...(feasible ? {} : { reason: reasonOf(chosen, curve, targetMs) }),
  };
}

/** Ratios in ascending order, each strictly faster than all before it. */
function savingCandidates(curve: LatencyCurve): Candidate[] {
  const candidates: Candidate[] = [];
  const steps = Math.floor(curve.largestRatio * STEPS_PER_UNIT + 1e-9);
  for (let step = 0; step <= steps; step++) {
    const ratio = step / STEPS_PER_UNIT;
    const ms = curve.at(Math.min(ratio, curve.largestRatio));
    if (ms < (candidates.at(-1)?.ms ?? Infinity)) candidates.push({ ratio, ms });
  }
  return candidates;
}

function reasonOf(chosen: Candidate, curve: LatencyCurve, targetMs: number): string {
  const nearest = `nearest it can reach: ${format(chosen.ms)} ms at ratio ${chosen.ratio}, target ${format(targetMs)} ms`;
  if (chosen.ms > targetMs)
    return `too slow up to the largest measured ratio ${curve.largestRatio}; ${nearest}`;
  if (chosen.ratio === 0) return `faster than the target without pruning; ${nearest}`;
  return `latency falls past the target in one step of the ratio; ${nearest}`;
}

const format = (ms: number) => String(Number(ms.toPrecision(4)));
