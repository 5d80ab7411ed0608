/** The smallest value that so large a share of all values does not exceed. @throws RangeError when there is none */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('quantile: expected at least one value, got none');
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

/** What there is to know of many times without having all of them. */
export function spreadOf(values: readonly number[]) {
  const at = (share: number) => quantile(values, share);
  return { count: values.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: at(1) };
}
