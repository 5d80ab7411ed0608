import type { LeasedTask } from '#contracts';
import type { CellStore } from './cell-store.js';

/**
 * Cells of a task that the reference cell has not confirmed yet, on disk: an agent that ends or loses its lease before the
 * next look at the reference measures them again.
 */
export class UnverifiedCells {
  /** Left from before, and not measured again yet. */
  private readonly left: Set<number>;

  /** Samples of such cells that are still on their way are dropped. With a damaged list none of the task's cells counts as confirmed. */
  constructor(
    private readonly store: CellStore,
    private readonly task: Pick<LeasedTask, 'id' | 'doneCells'>,
  ) {
    const { id, doneCells } = task;
    this.left = new Set(store.unverifiedOf(id) ?? [...doneCells, ...store.cellsOf(id)]);
    for (const index of this.left) store.remove(id, index);
  }

  get toMeasureAgain(): number[] {
    return [...this.left];
  }

  /** The task as if those to measure again were not done. */
  reopenedIn(task: LeasedTask): LeasedTask {
    const isDone = (index: number) => !this.left.has(index);
    return {
      ...task,
      doneCells: task.doneCells.filter(isDone),
      doneMedians: task.doneMedians.filter(({ index }) => isDone(index)),
    };
  }

  /** Keeps which of the cells measured now are not confirmed, beside those that are still left from before. */
  keep(indices: readonly number[]): void {
    for (const index of indices) this.left.delete(index);
    this.store.saveUnverified(this.task.id, [...this.left, ...indices]);
  }
}
