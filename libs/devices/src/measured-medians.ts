import type { LatencyTable } from '#contracts';

/** What calibration needs of a cell. */
export interface MeasuredMedian {
  readonly operatingPoint: string;
  readonly ratio: number;
  readonly p50Ms: number;
  /** 95 % interval of the median, of few samples smallest to largest; absent where a file stated the median without its samples. */
  readonly p50LowMs?: number;
  readonly p50HighMs?: number;
  /** Samples, or runs behind a stated figure, and their standard deviation; absent where the file does not say it. */
  readonly n?: number;
  readonly stdMs?: number;
}

/** Of all cells of a table, in its order. */
export function measuredMedians({ cells }: Pick<LatencyTable, 'cells'>): MeasuredMedian[] {
  return cells.map(({ operatingPoint, ratio, summary }) => {
    const { p50Ms, n, stdMs } = summary;
    if ('stated' in summary) return { operatingPoint, ratio, p50Ms, n, stdMs };
    const { p50LowMs, p50HighMs } = summary;
    return { operatingPoint, ratio, p50Ms, p50LowMs, p50HighMs, n, stdMs };
  });
}
