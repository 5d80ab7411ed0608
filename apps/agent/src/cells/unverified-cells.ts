import type { LeasedTask } from '#contracts';
import type { CellStore } from './cell-store.js';

/**
 * Cells of a task that the reference cell has not confirmed yet, on disk: an agent that ends or loses its lease before the
 * next look at the reference measures them again.
 */
export class UnverifiedCells {
  /** Left from before, and not measured again yet. */
  private readonly left: Set<number>;

  /** Samples of such cells that are still on their way are dropped. @throws Error when the list is damaged */
  constructor(
    private readonly store: CellStore,
    private readonly taskId: string,
  ) {
    this.left = new Set(store.unverifiedOf(taskId));
    for (const index of this.left) store.remove(taskId, index);
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
    this.store.saveUnverified(this.taskId, [...this.left, ...indices]);
  }
}
