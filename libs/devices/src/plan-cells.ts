import type { MeasuringCell, OperatingPoint } from '#contracts';

/** Every operating point x ratio, one operating point after the other: moving a clock costs more than loading a network. */
export function planCells(
  operatingPoints: readonly OperatingPoint[],
  ratios: readonly number[],
): MeasuringCell[] {
  return operatingPoints
    .flatMap(({ name }) => ratios.map((ratio) => ({ operatingPoint: name, ratio })))
    .map((cell, index) => ({ index, ...cell }));
}
