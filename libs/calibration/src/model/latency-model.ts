import type { CalibrationPoint } from '../calibration-point.js';
import { factorise, solveLower, solveUpper, type LowerTriangle } from './cholesky.js';
import { LatencyKernel, type ObservedCovariances } from './kernel.js';
import type { Place } from './place.js';

/** A measured median latency with what is known of its error. */
export interface Observation extends Place {
  readonly p50Ms: number;
  /** Standard error of the median over the median. */
  readonly relativeError: number;
}

export interface Prediction {
  /** Median of what is believed. */
  readonly ms: number;
  /** Standard deviation of the logarithm. */
  readonly logError: number;
}

/** Of a normal distribution, 95 % lie within so many standard deviations. */
export const Z95 = 1.96;

/** Where the 95 % interval of a prediction ends. */
export const upperMs = ({ ms, logError }: Prediction): number => ms * Math.exp(Z95 * logError);
export const lowerMs = ({ ms, logError }: Prediction): number => ms * Math.exp(-Z95 * logError);

/** Larger than 1: how much less a table may look like what was expected before anything was measured. */
const SCALES = [1, 2, 4, 8, 16];

/**
 * Median latency at any operating point and pruning ratio, from the cells that were measured: a Gaussian process over log
 * latency (Rasmussen and Williams 2006, chapter 2). Cells may be missing, noisy and not monotone.
 */
export class LatencyModel {
  readonly #kernel: LatencyKernel;
  readonly #observed: readonly Observation[];
  readonly #mean: number;
  readonly #fit: Fit;
  readonly #withObserved: ObservedCovariances;

  /** @throws RangeError without observations */
  constructor(points: readonly CalibrationPoint[], observed: readonly Observation[]) {
    if (observed.length === 0)
      throw new RangeError('observed: expected at least one measured cell, got none');
    this.#kernel = new LatencyKernel(points);
    this.#withObserved = this.#kernel.against(observed);
    this.#observed = observed;
    const logs = observed.map(({ p50Ms }) => Math.log(p50Ms));
    this.#mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
    const centred = Float64Array.from(logs, (log) => log - this.#mean);
    this.#fit = bestFit(this.#covariances(), observed, centred);
  }

  /** Of the median latency at a place. */
  predict(place: Place): Prediction {
    const priors = this.#priors(place);
    const reduced = solveLower(this.#fit.factor, priors);
    const ms = Math.exp(this.#mean + dot(priors, this.#fit.weights));
    return { ms, logError: Math.sqrt(this.#variance(place, reduced)) };
  }

  /** What `predict` says of many ratios at one point, without the errors, which cost far more. */
  mediansMs(of: Pick<Place, 'point' | 'learned'>, ratios: readonly number[]): number[] {
    const factor = this.#fit.scale ** 2;
    const sums = this.#withObserved.weightedSums(this.#fit.weights, of, ratios);
    return sums.map((sum) => Math.exp(this.#mean + factor * sum));
  }

  /**
   * What is left of the variance of each place's log latency, and of its covariance with each of `others`, once everything
   * observed is known.
   */
  covariances(
    places: readonly Place[],
    others: readonly Place[],
  ): { readonly variance: number; readonly covariances: number[] }[] {
    const reducedOthers = others.map((other) => this.#reduced(other));
    return places.map((place) => {
      const reduced = this.#reduced(place);
      return {
        variance: this.#variance(place, reduced),
        covariances: others.map((other, i) => this.#prior(place, other) - dot(reduced, reducedOthers[i]!)),
      };
    });
  }

  #variance(place: Place, reduced: Float64Array): number {
    return Math.max(this.#prior(place, place) - dot(reduced, reduced), 0);
  }

  #prior(a: Place, b: Place): number {
    return this.#fit.scale ** 2 * this.#kernel.covariance(a, b);
  }

  #reduced(place: Place): Float64Array {
    return solveLower(this.#fit.factor, this.#priors(place));
  }

  /** Covariances with everything observed. */
  #priors(place: Place): Float64Array {
    const covariances = this.#withObserved.with(place);
    const factor = this.#fit.scale ** 2;
    for (let i = 0; i < covariances.length; i++) covariances[i]! *= factor;
    return covariances;
  }

  /** Of the observed places before scale and noise, as a lower triangle. */
  #covariances(): LowerTriangle {
    const n = this.#observed.length;
    const lower = new Float64Array((n * (n + 1)) / 2);
    this.#observed.forEach((place, i) => {
      lower.set(this.#withObserved.with(place).subarray(0, i + 1), (i * (i + 1)) / 2);
    });
    return lower;
  }
}

interface Fit {
  readonly scale: number;
  readonly factor: LowerTriangle;
  readonly weights: Float64Array;
}

/** By the scale under which what was observed is likeliest; larger ones are tried as long as they are better. */
function bestFit(lower: LowerTriangle, observed: readonly Observation[], values: Float64Array): Fit {
  let best: { fit: Fit; logLikelihood: number } | undefined;
  for (const scale of SCALES) {
    const next = fitAt(scale, lower, observed, values);
    if (best && next.logLikelihood <= best.logLikelihood) break;
    best = next;
  }
  return best!.fit;
}

function fitAt(
  scale: number,
  lower: LowerTriangle,
  observed: readonly Observation[],
  values: Float64Array,
): { fit: Fit; logLikelihood: number } {
  const matrix = lower.map((covariance) => covariance * scale ** 2);
  observed.forEach(({ relativeError }, i) => {
    const diagonal = (i * (i + 1)) / 2 + i;
    matrix[diagonal] = matrix[diagonal]! + relativeError ** 2;
  });
  const factor = factorise(matrix, observed.length);
  const whitened = solveLower(factor, values);
  const logDeterminant = observed.reduce((sum, _, i) => sum + Math.log(factor[(i * (i + 1)) / 2 + i]!), 0);
  return {
    fit: { scale, factor, weights: solveUpper(factor, whitened) },
    logLikelihood: -dot(whitened, whitened) / 2 - logDeterminant,
  };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
