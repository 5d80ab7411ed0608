import type { LatencyTable } from '#contracts';

/** What calibration needs of a cell. */
export interface MeasuredMedian {
  readonly operatingPoint: string;
  readonly ratio: number;
  readonly p50Ms: number;
  /** 95 % interval of the median; absent where a file stated the median without its samples. */
  readonly p50LowMs?: number;
  readonly p50HighMs?: number;
}

/** Of all cells of a table, in its order. */
export function measuredMedians({ cells }: Pick<LatencyTable, 'cells'>): MeasuredMedian[] {
  return cells.map(({ operatingPoint, ratio, summary }) => {
    const { p50Ms } = summary;
    if ('stated' in summary) return { operatingPoint, ratio, p50Ms };
    const { p50LowMs, p50HighMs } = summary;
    return { operatingPoint, ratio, p50Ms, p50LowMs, p50HighMs };
  });
}
