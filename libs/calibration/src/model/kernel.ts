import type { CalibrationPoint } from '../calibration-point.js';
import { isSamePlace, type Place } from './place.js';
import { pointLikeness } from './point-likeness.js';
import { LENGTH, PRIOR } from './prior.js';

/** A part of the prior: what two points have in common times what two ratios have. */
interface Term {
  /** [points, points], row by row. */
  readonly points: Float64Array;
  readonly ratios: (a: number, b: number) => number;
  /** Whether only trained networks have it. */
  readonly learnedOnly: boolean;
}

export interface ObservedCovariances {
  /** Of a place with each observed one. */
  readonly with: (place: Place) => Float64Array;
  /**
   * For many ratios of one point, the sums of weight times covariance with all observed. Observations of one ratio are added up
   * first, so that a sum takes as many products as there are ratios and terms.
   */
  readonly weightedSums: (
    weights: Float64Array,
    of: Pick<Place, 'point' | 'learned'>,
    ratios: readonly number[],
  ) => number[];
}

const CELL = PRIOR.cell ** 2;

/** Covariance of the log latencies at two places before anything is measured. */
export class LatencyKernel {
  readonly #count: number;
  readonly #terms: readonly Term[];

  constructor(points: readonly CalibrationPoint[]) {
    this.#count = points.length;
    this.#terms = termsOf(points);
  }

  covariance(a: Place, b: Place): number {
    const ratios = this.#terms.map((term) => term.ratios(a.ratio, b.ratio));
    return this.#sum(a, b, ratios, 0);
  }

  /** Covariances with `observed`; what its ratios have in common with others is worked out once for both methods. */
  against(observed: readonly Place[]): ObservedCovariances {
    const distinct = [...new Set(observed.map(({ ratio }) => ratio))];
    const offsets = observed.map(({ ratio }) => distinct.indexOf(ratio) * this.#terms.length);
    const known = new Map<number, Float64Array>();
    const ofRatio = (ratio: number) => {
      const ratios = known.get(ratio) ?? this.#ofRatios(ratio, distinct);
      known.set(ratio, ratios);
      return ratios;
    };
    return {
      with: (place) => {
        const ratios = ofRatio(place.ratio);
        const covariances = new Float64Array(observed.length);
        for (let i = 0; i < observed.length; i++) {
          covariances[i] = this.#sum(place, observed[i]!, ratios, offsets[i]!);
        }
        return covariances;
      },
      weightedSums: (weights, of, ratios) => {
        const totals = this.#totals(of, observed, weights, offsets);
        const own = new Map<number, number>();
        observed.forEach((each, i) => {
          if (each.point === of.point && each.learned === of.learned) own.set(each.ratio, CELL * weights[i]!);
        });
        return ratios.map((ratio) => {
          const shared = ofRatio(ratio);
          let sum = own.get(ratio) ?? 0;
          for (let i = 0; i < shared.length; i++) sum += totals[i]! * shared[i]!;
          return sum;
        });
      },
    };
  }

  /**
   * Sums of weight times what the points have in common, over the observations of each ratio: [ratios, terms].
   * @param offsets of each observation's ratio in there
   */
  #totals(
    { point, learned }: Pick<Place, 'point' | 'learned'>,
    observed: readonly Place[],
    weights: Float64Array,
    offsets: readonly number[],
  ): Float64Array {
    const totals = new Float64Array(Math.max(...offsets) + this.#terms.length);
    observed.forEach((each, i) => {
      const pair = point * this.#count + each.point;
      this.#terms.forEach((term, t) => {
        if (!term.learnedOnly || (learned && each.learned))
          totals[offsets[i]! + t]! += weights[i]! * term.points[pair]!;
      });
    });
    return totals;
  }

  /** Of one ratio with others: [others, terms]. */
  #ofRatios(ratio: number, others: readonly number[]): Float64Array {
    return Float64Array.from(others.flatMap((other) => this.#terms.map((term) => term.ratios(ratio, other))));
  }

  /** @param ratios what their ratios have in common, by term from `offset` on */
  #sum(a: Place, b: Place, ratios: ArrayLike<number>, offset: number): number {
    const pair = a.point * this.#count + b.point;
    const bothLearned = a.learned && b.learned;
    let sum = isSamePlace(a, b) ? CELL : 0;
    for (let t = 0; t < this.#terms.length; t++) {
      const term = this.#terms[t]!;
      if (!term.learnedOnly || bothLearned) sum += term.points[pair]! * ratios[offset + t]!;
    }
    return sum;
  }
}

function termsOf(points: readonly CalibrationPoint[]): Term[] {
  const { clockProduct, likeness } = pointLikeness(points);
  const own = (pair: number) => (pair % (points.length + 1) === 0 ? 1 : 0);
  const term = (ofPair: (pair: number) => number, ratios: Term['ratios'], learnedOnly = false): Term => {
    return { points: likeness.map((_, pair) => ofPair(pair)), ratios, learnedOnly };
  };
  const { level, pointLevel, clockPower, sharePower, sharePowerByClock, together, ownShape } = PRIOR;
  return [
    term(
      (pair) => level ** 2 + own(pair) * pointLevel ** 2 + clockPower ** 2 * clockProduct[pair]!,
      () => 1,
    ),
    term((pair) => sharePower ** 2 + sharePowerByClock ** 2 * clockProduct[pair]!, shares),
    term(() => PRIOR.steps ** 2, steps),
    term((pair) => together ** 2 * likeness[pair]! + own(pair) * ownShape ** 2, bends),
    term((pair) => PRIOR.learned ** 2 + own(pair) * PRIOR.learnedOwn ** 2, steps, true),
  ];
}

/** Of the dense network's latency, a guess at what is left without any MACs: keeps the logarithm finite. */
const BASE = 0.1;
const logShare = (ratio: number): number => Math.log(BASE + (1 - BASE) * (1 - ratio));

const shares: Term['ratios'] = (a, b) => logShare(a) * logShare(b);
/** Like a random walk that begins at the dense network: it may step. */
const steps = fromDense((a, b) => Math.exp(-Math.abs(a - b) / LENGTH.stepRatio));
/** Smooth. */
const bends = fromDense((a, b) => Math.exp(-(((a - b) / LENGTH.bendRatio) ** 2) / 2));

/** The covariance that `of` leaves when its value at ratio 0 is known to be 0. */
function fromDense(of: Term['ratios']): Term['ratios'] {
  return (a, b) => of(a, b) - of(a, 0) * of(0, b);
}
