import type { AppliedClock, ClockController, MeasuredTarget } from './clock-controller.js';
import type { MeasuredProcess } from './measured/measured-process.js';
import type { EdgeOperatingPoint } from './operating-point.js';
import { planOrder, type EdgeCell } from './plan-order.js';
import { readTemperatureC } from './temperature.js';

export interface EdgeProtocol {
  /** Images in one run. */
  readonly batch: number;
  readonly threads: number;
  readonly warmupSamples: number;
  readonly samples: number;
  /** A sample is as many runs as last this long at the fastest clock. */
  readonly minSampleMs: number;
}

export interface MeasurePlan {
  readonly operatingPoints: readonly EdgeOperatingPoint[];
  readonly cells: readonly EdgeCell[];
  readonly doneCells: readonly number[];
  readonly protocol: EdgeProtocol;
  /** The ONNX file of a ratio. */
  readonly fileOf: (ratio: number) => string;
}

/** One cell's samples and the conditions they were taken under. */
export interface CellMeasurement extends AppliedClock {
  readonly cell: EdgeCell;
  /** Milliseconds per run of one batch, in the order measured. */
  readonly samplesMs: readonly number[];
  readonly runsPerSample: number;
  readonly runnerVersion: string;
  readonly temperatureBeforeC: number | undefined;
  readonly temperatureAfterC: number | undefined;
  readonly measuredAt: Date;
}

/**
 * Measures all cells that are not done yet, one after the other, and yields each as soon as it is finished.
 * How many runs make a sample is settled once per network, at the fastest clock, so that all operating points time the
 * same work. The caller restores the controller and stops the process, whatever happens here.
 * @throws ClockError, MeasuredProcessError
 */
export async function* measureCells(
  plan: MeasurePlan,
  controller: ClockController,
  measured: MeasuredProcess,
): AsyncGenerator<CellMeasurement, void, void> {
  const groups = planOrder(plan.operatingPoints, plan.cells, plan.doneCells);
  const target = targetOf(plan, measured);
  const ratios = new Set(groups.flatMap((group) => group.cells.map((cell) => cell.ratio)));
  const runs = await sizeSamples(plan, [...ratios], controller, measured);
  for (const { point, cells } of groups) {
    for (const cell of cells) {
      await controller.release();
      const { runnerVersion } = await load(plan, cell.ratio, measured);
      const applied = await controller.apply(point, target);
      const temperatureBeforeC = await readTemperatureC();
      const runsPerSample = runs.get(cell.ratio)!;
      const samplesMs = await measured.sample({ ...plan.protocol, runsPerSample });
      yield {
        ...applied,
        cell,
        samplesMs,
        runsPerSample,
        runnerVersion,
        temperatureBeforeC,
        temperatureAfterC: await readTemperatureC(),
        measuredAt: new Date(),
      };
    }
  }
  await controller.release();
}

function load(plan: MeasurePlan, ratio: number, measured: MeasuredProcess) {
  const { batch, threads } = plan.protocol;
  return measured.load({ file: plan.fileOf(ratio), batch, threads });
}

async function sizeSamples(
  plan: MeasurePlan,
  ratios: readonly number[],
  controller: ClockController,
  measured: MeasuredProcess,
): Promise<Map<number, number>> {
  const runs = new Map<number, number>();
  if (ratios.length === 0) return runs;
  // An emulated clock is never faster than the machine without a limit; a real one has to be set.
  if (!controller.emulated) await controller.apply(fastest(plan.operatingPoints), targetOf(plan, measured));
  for (const ratio of ratios) {
    await load(plan, ratio, measured);
    runs.set(ratio, await measured.runsLasting(plan.protocol.minSampleMs));
  }
  return runs;
}

function targetOf(plan: MeasurePlan, measured: MeasuredProcess): MeasuredTarget {
  return { pid: measured.pid, threads: plan.protocol.threads };
}

function fastest(points: readonly EdgeOperatingPoint[]): EdgeOperatingPoint {
  return points.reduce((best, point) => ((point.cpuHz ?? 0) > (best.cpuHz ?? 0) ? point : best));
}
