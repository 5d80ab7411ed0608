import { withClocks, type LeasedTask } from '#contracts';
import { adaptiveCells, type NextCell } from '#edge';
import type { StoredCell } from './cells/cell-store.js';

/** Which cell of a task is measured next; undefined: all of them, in the plan's own order. */
export function cellChoice(
  { selection, operatingPoints, cells, doneMedians }: LeasedTask,
  kept: readonly { readonly index: number; readonly cell: StoredCell }[],
): NextCell | undefined {
  if (selection.kind === 'all') return undefined;
  const placeOf = (index: number) => cells.find((cell) => cell.index === index)!;
  return adaptiveCells({
    operatingPoints: withClocks(
      operatingPoints.map(({ name }) => name),
      operatingPoints,
    ),
    cells,
    target: selection.target,
    tolerance: selection.tolerance,
    known: doneMedians.map(({ index, ...median }) => ({ ...placeOf(index), ...median })),
    measuredBefore: kept.map(({ index, cell }) => ({ cell: placeOf(index), samplesMs: cell.samplesMs })),
  });
}
