import type { EdgeCell } from './cell-plan.js';
import type { EdgeProtocol } from './protocol.js';

type Limits = Pick<EdgeProtocol, 'referenceEveryCells' | 'referenceEveryMinutes'>;

/** Knows which cells were measured since the reference cell was last found unchanged. */
export class ReferenceWatch {
  private readonly cells = new Map<number, EdgeCell>();

  constructor(
    private readonly limits: Limits,
    private verifiedAtMs: number,
  ) {}

  get isOn(): boolean {
    return this.limits.referenceEveryCells > 0;
  }

  /** In the order measured. */
  get unverified(): EdgeCell[] {
    return [...this.cells.values()];
  }

  measured(cell: EdgeCell): void {
    this.cells.set(cell.index, cell);
  }

  isDue(nowMs: number): boolean {
    const { referenceEveryCells, referenceEveryMinutes } = this.limits;
    if (!this.isOn || this.cells.size === 0) return false;
    return (
      this.cells.size >= referenceEveryCells || nowMs - this.verifiedAtMs >= referenceEveryMinutes * 60_000
    );
  }

  verified(nowMs: number): void {
    this.cells.clear();
    this.verifiedAtMs = nowMs;
  }
}
