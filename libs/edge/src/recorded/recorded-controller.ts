import { ClockError, type AppliedClock, type ClockController } from '../clock-controller.js';
import type { EdgeOperatingPoint } from '../operating-point.js';
import type { RecordedTable } from './recorded-table.js';

/** Moves no clock: says at which recorded operating point samples are to be replayed. */
export class RecordedController implements ClockController {
  readonly kind = 'recorded';
  readonly emulated = true;
  private point: string | undefined;

  constructor(private readonly table: RecordedTable) {}

  /** @throws Error before the first point was applied */
  get currentPoint(): string {
    if (this.point === undefined)
      throw new Error('samples were asked for before an operating point was applied');
    return this.point;
  }

  apply({ name }: EdgeOperatingPoint): Promise<AppliedClock> {
    const { operatingPoints } = this.table;
    if (!operatingPoints.includes(name)) {
      const recorded = operatingPoints.map((point) => `"${point}"`).join(', ');
      return Promise.reject(
        new ClockError(`operating point "${name}" was not recorded; recorded were ${recorded}`),
      );
    }
    this.point = name;
    return this.readBack();
  }

  readBack(): Promise<AppliedClock> {
    return Promise.resolve({});
  }

  release(): Promise<void> {
    return Promise.resolve();
  }

  restore(): Promise<void> {
    this.point = undefined;
    return Promise.resolve();
  }
}
