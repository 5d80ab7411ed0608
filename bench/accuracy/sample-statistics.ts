/** What a sample of values, one for each seed, says of their mean. */
export interface SampleStatistics {
  readonly mean: number;
  /** Of the sample (n - 1); absent where there is one value alone. */
  readonly standardDeviation?: number;
  /** Student-t interval that covers the mean 95 times in 100; absent where there is one value alone. */
  readonly interval?: readonly [lower: number, upper: number];
}

/** 97.5 % quantiles of Student's t distribution for 1, 2, ... degrees of freedom. */
const T_QUANTILES = [
  12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281, 2.201, 2.1788, 2.1604,
  2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.093, 2.086, 2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555,
  2.0518, 2.0484, 2.0452, 2.0423,
] as const;

/** More would need a longer table of quantiles. */
export const MAX_SAMPLES = T_QUANTILES.length + 1;

/** NaN of no values. */
export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** @throws RangeError for no values, or more than {@link MAX_SAMPLES}. */
export function sampleStatistics(values: readonly number[]): SampleStatistics {
  const { length } = values;
  if (length === 0 || length > MAX_SAMPLES) {
    throw new RangeError(`statistics of ${length} values, expected 1 to ${MAX_SAMPLES}`);
  }
  const mean = meanOf(values);
  if (length === 1) return { mean };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const standardDeviation = Math.sqrt(squares / (length - 1));
  const reach = (T_QUANTILES[length - 2]! * standardDeviation) / Math.sqrt(length);
  return { mean, standardDeviation, interval: [mean - reach, mean + reach] };
}
