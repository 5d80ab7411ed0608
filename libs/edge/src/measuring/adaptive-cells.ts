import {
  nextCell,
  summarise,
  type CalibrationCell,
  type CalibrationPoint,
  type CalibrationTarget,
  type NextCellInput,
} from '#calibration';
import type { EdgeCell, MeasuringState, NextCell } from './cell-plan.js';

export interface AdaptiveCells {
  /** With their clocks. */
  readonly operatingPoints: readonly CalibrationPoint[];
  /** All that can be measured. */
  readonly cells: readonly EdgeCell[];
  /** What a calibration of the table will be asked for. */
  readonly target: CalibrationTarget;
  readonly tolerance: number;
  readonly mode: NonNullable<NextCellInput['mode']>;
  /** Medians that are known already, of cells that are not to be measured again. */
  readonly known: readonly CalibrationCell[];
  /** Samples that are known already, likewise. */
  readonly measuredBefore: MeasuringState['measured'];
}

/** Chooses each cell by what it tells about the ratios that would be chosen now; none when all of those are settled. */
export function adaptiveCells(options: AdaptiveCells): NextCell {
  const { operatingPoints, cells, target, tolerance, mode, known, measuredBefore } = options;
  const ratios = [...new Set(cells.map(({ ratio }) => ratio))].sort((a, b) => a - b);
  return ({ remaining, measured }) => {
    const here = [...measuredBefore, ...measured].map(({ cell: { operatingPoint, ratio }, samplesMs }) => {
      const { p50Ms, p50LowMs, p50HighMs, n } = summarise(samplesMs);
      return { operatingPoint, ratio, p50Ms, p50LowMs, p50HighMs, n };
    });
    const next = nextCell({ operatingPoints, ratios, cells: [...known, ...here], target, tolerance, mode });
    return remaining.find(
      ({ operatingPoint, ratio }) => operatingPoint === next?.operatingPoint && ratio === next.ratio,
    );
  };
}
