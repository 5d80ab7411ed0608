import type { ClockUnit, LatencyUnit } from '#contracts';

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
/** As for samples that an agent uploads. */
const LONGEST_MS = 1e7;
const LARGEST_RATIO = 0.95;

export const EXPECTED_RATIO = `a pruning ratio from 0 to ${LARGEST_RATIO}`;
export const HERTZ: Readonly<Record<ClockUnit, number>> = { Hz: 1, kHz: 1e3, MHz: 1e6, GHz: 1e9 };

/** A number in plain or scientific notation; undefined for anything else, NaN and Infinity too. */
export function parseNumber(text: string): number | undefined {
  if (!NUMBER.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

export function expectedTime(unit: LatencyUnit): string {
  return `a time in ${unit}: a number above 0 without separators or unit, of at most ${LONGEST_MS} ms`;
}

/** A latency in milliseconds; undefined where it is no positive time. */
export function parseTimeMs(text: string, unit: LatencyUnit): number | undefined {
  const value = parseNumber(text);
  if (value === undefined) return undefined;
  const ms = toMs(value, unit);
  return ms > 0 && ms <= LONGEST_MS ? ms : undefined;
}

/** Divides rather than multiplies by a fraction: 30029.2 us is 30.0292 ms. */
function toMs(value: number, unit: LatencyUnit): number {
  switch (unit) {
    case 'ns':
      return value / 1e6;
    case 'us':
      return value / 1e3;
    case 'ms':
      return value;
    case 's':
      return value * 1e3;
  }
}

export function parseRatio(text: string): number | undefined {
  const ratio = parseNumber(text);
  return ratio !== undefined && ratio >= 0 && ratio <= LARGEST_RATIO ? ratio : undefined;
}
