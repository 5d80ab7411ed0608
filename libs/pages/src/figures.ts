/** How figures are written, in the terminal and on the page alike. */

/** Milliseconds with three significant digits, without an exponent. */
export function milliseconds(ms: number): string {
  const digits = ms >= 100 ? 0 : ms >= 10 ? 1 : 2;
  return ms.toFixed(digits);
}

/** Accuracy 0..1 as a percentage. */
export function percent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)} %`;
}

/** The smallest to the largest of several shares, as one percentage where they are written alike. */
export function percentRange(shares: readonly number[]): string {
  const [low, high] = [percent(Math.min(...shares)), percent(Math.max(...shares))];
  return low === high ? low : `${low.replace(' %', '')} – ${high}`;
}

/** A quotient such as max/min or before/after. */
export function times(quotient: number): string {
  return `${quotient >= 100 ? quotient.toFixed(0) : quotient.toFixed(quotient >= 10 ? 1 : 2)}x`;
}

/** Pruning ratios have two decimals at most. */
export function ratioLabel(ratio: number): string {
  return ratio === 0 ? 'dense' : String(Number(ratio.toFixed(2)));
}

/** Variance in squared milliseconds. */
export function squareMilliseconds(value: number): string {
  return value >= 100
    ? value.toFixed(0)
    : value >= 1
      ? value.toFixed(1)
      : Number(value.toPrecision(2)).toString();
}

/** A duration, from a minute on in whole seconds. */
export function seconds(value: number): string {
  const tenths = Math.round(value * 10) / 10;
  if (tenths < 60) return `${tenths.toFixed(1)} s`;
  const whole = Math.round(value);
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

export function megabytes(bytes: number): string {
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(2)} MB` : `${(bytes / 1e3).toFixed(1)} kB`;
}
