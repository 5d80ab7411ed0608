/** How figures are written in the Markdown of cards and comparisons. */

export const grouped = (count: number): string => count.toLocaleString('en');

/** Accuracy 0..1 in per cent. */
export const percentOf = (share: number | undefined): string =>
  share === undefined ? '' : (share * 100).toFixed(2);

/** Median with its interval. */
export function intervalText({
  p50Ms,
  p50LowMs,
  p50HighMs,
}: {
  p50Ms: number;
  p50LowMs: number;
  p50HighMs: number;
}) {
  return `${ms(p50Ms)} (${ms(p50LowMs)}–${ms(p50HighMs)})`;
}

/** Milliseconds with three significant digits. */
export const ms = (value: number): string => (value >= 1000 ? value.toFixed(0) : value.toPrecision(3));

export const signed = (value: number, digits: number): string =>
  `${value < 0 ? '' : '+'}${value.toFixed(digits)}`;

export const yesOrNo = (value: boolean): string => (value ? 'yes' : 'no');
