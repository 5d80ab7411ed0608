import { measureCells, openMeasuring, realTime, type EdgeCell, type MeasurePlan, type NextCell } from '#edge';
import type { EmulatedScale } from './scale.js';

/** Cells to measure under emulated clocks. */
export interface EmulatedCells {
  readonly points: EmulatedScale['points'];
  readonly cells: readonly Omit<EdgeCell, 'index'>[];
  readonly files: ReadonlyMap<number, string>;
  readonly protocol: EmulatedScale['protocol'];
  readonly nextCell?: NextCell;
}

/** The samples of one cell. */
export interface EmulatedSamples {
  readonly operatingPoint: string;
  readonly ratio: number;
  readonly samplesMs: readonly number[];
  /** What slowed the process down. */
  readonly emulation: string;
}

/** Measures cells as the agent does, in a process that is started for them and gone afterwards. */
export async function measureAfresh({ points, cells, ...rest }: EmulatedCells): Promise<EmulatedSamples[]> {
  const { controller, startRunner } = await openMeasuring({
    ...{ realClocks: false, emulation: 'auto', stateFile: '', points },
  });
  const plan: MeasurePlan = {
    ...{ operatingPoints: points, doneCells: [], protocol: rest.protocol },
    cells: cells.map((cell, index) => ({ ...cell, index })),
    fileOf: (ratio) => rest.files.get(ratio)!,
    ...(rest.nextCell && { nextCell: rest.nextCell }),
  };
  const runner = startRunner();
  try {
    const time = realTime(new AbortController().signal);
    const samples = new Map<number, EmulatedSamples>();
    for await (const { cell, samplesMs } of measureCells(plan, {
      controller,
      runner,
      time,
      sysfsRoot: '/sys',
    })) {
      const { operatingPoint, ratio } = cell;
      samples.set(cell.index, { operatingPoint, ratio, samplesMs, emulation: controller.kind });
    }
    return [...samples.values()];
  } finally {
    await runner.stop();
    await controller.restore();
  }
}
