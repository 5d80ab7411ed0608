import type { LatencyModel, Prediction } from './model/latency-model.js';

/** A ratio that can be chosen, with the median latency that is expected of it. */
export interface Candidate {
  readonly ratio: number;
  readonly ms: number;
}

/** Expected latency over the ratio at one operating point. */
export interface LatencyRow {
  readonly point: number;
  /** Of every ratio that can be chosen, ascending from 0. */
  readonly candidates: readonly Candidate[];
  /** Those of `candidates` that are faster than every smaller ratio: others cost accuracy for nothing. */
  readonly saving: readonly Candidate[];
  /** With its error. */
  readonly predict: (ratio: number) => Prediction;
}

/** Ratios are chosen in steps of 0.01: finer than most networks' channels can follow. */
const STEPS_PER_UNIT = 100;

/** 0, 0.01, … up to `largest`. */
export function candidateRatios(largest: number): number[] {
  const count = Math.floor(largest * STEPS_PER_UNIT + 1e-9) + 1;
  return Array.from({ length: count }, (_, step) => step / STEPS_PER_UNIT);
}

/**
 * One row for each operating point.
 * @param learned whether of the trained networks
 */
export function latencyRows(
  model: LatencyModel,
  points: number,
  ratios: readonly number[],
  learned: boolean,
): LatencyRow[] {
  return Array.from({ length: points }, (_, point) => {
    const medians = model.mediansMs({ point, learned }, ratios);
    const candidates = ratios.map((ratio, i) => ({ ratio, ms: medians[i]! }));
    return {
      point,
      candidates,
      saving: savingOf(candidates),
      predict: (ratio) => model.predict({ point, ratio, learned }),
    };
  });
}

function savingOf(candidates: readonly Candidate[]): Candidate[] {
  let fastest = Infinity;
  return candidates.filter(({ ms }) => {
    if (ms >= fastest) return false;
    fastest = ms;
    return true;
  });
}
