import { withClocks, type LeasedTask } from '#contracts';
import { adaptiveCells, type NextCell } from '#edge';
import type { StoredCell } from './cells/cell-store.js';

/**
 * Which cell of a task is measured next; undefined: all of them, in the plan's own order.
 * @param again indices of cells that are measured whatever they would tell, before all others
 */
export function cellChoice(
  { selection, operatingPoints, cells, doneMedians }: LeasedTask,
  kept: readonly { readonly index: number; readonly cell: StoredCell }[],
  again: readonly number[],
): NextCell | undefined {
  if (selection.kind === 'all') return undefined;
  const placeOf = (index: number) => cells.find((cell) => cell.index === index)!;
  const adaptive = adaptiveCells({
    operatingPoints: withClocks(
      operatingPoints.map(({ name }) => name),
      operatingPoints,
    ),
    cells,
    target: selection.target,
    tolerance: selection.tolerance,
    mode: selection.mode,
    known: doneMedians.map(({ index, ...median }) => ({ ...placeOf(index), ...median })),
    measuredBefore: kept.map(({ index, cell }) => ({ cell: placeOf(index), samplesMs: cell.samplesMs })),
  });
  return (state) => state.remaining.find(({ index }) => again.includes(index)) ?? adaptive(state);
}
