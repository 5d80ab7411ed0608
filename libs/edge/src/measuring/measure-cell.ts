import { ClockError, type AppliedClock } from '../clock-controller.js';
import { clocksOf, describeDeviations, deviationsOf } from '../clocks/clock-axis.js';
import type { EdgeOperatingPoint } from '../operating-point.js';
import { Sysfs } from '../sysfs/sysfs.js';
import { readTemperatureC } from '../temperature.js';
import { readThrottleState, throttledBetween } from '../throttling.js';
import type { EdgeCell, MeasurePlan } from './cell-plan.js';
import type { MeasuringTools } from './measuring-tools.js';
import type { Pace } from './pace.js';
import { sampleNetwork, type Sampling } from './sample-network.js';

/** One cell's samples and the conditions they were taken under. */
export interface CellMeasurement extends AppliedClock {
  readonly cell: EdgeCell;
  /** Milliseconds per run of one batch, in the order measured. */
  readonly samplesMs: readonly number[];
  readonly sampling: Sampling;
  readonly runsPerSample: number;
  readonly runner: string;
  readonly runnerVersion: string;
  readonly temperatureBeforeC: number | undefined;
  readonly temperatureAfterC: number | undefined;
  /** Whether the device slowed itself down meanwhile; undefined where nothing tells. */
  readonly throttled: boolean | undefined;
  /** How often the cell was measured until its clock stayed where it was set, and for having throttled. */
  readonly attempts: number;
  /** Relative change of the reference cell, where it shows that the device was not as at the beginning. */
  readonly drift?: number;
  readonly measuredAt: Date;
}

/** What a cell is measured with. */
export type CellTools = MeasuringTools & { readonly pace: Pace };

const ATTEMPTS = 3;

/**
 * Puts the device at the cell's operating point and samples its network there. A clock that moved meanwhile has the cell
 * measured again, after a while to cool down; so has a device that throttled, once.
 * @throws ClockError when the clock cannot be set, or moves every time; what the runner throws.
 */
export async function measureCell(
  plan: MeasurePlan,
  cell: EdgeCell,
  runsPerSample: number,
  tools: CellTools,
): Promise<CellMeasurement> {
  const point = plan.operatingPoints.find(({ name }) => name === cell.operatingPoint)!;
  let hasThrottled = false;
  for (let attempts = 1; ; attempts++) {
    const measurement = await measureOnce(plan, cell, point, runsPerSample, tools);
    const deviations = deviationsOf(clocksOf(point), readBackOf(measurement));
    const throttledNow: boolean = measurement.throttled === true && !hasThrottled;
    const isLast = attempts === ATTEMPTS;
    if (deviations.length === 0 && (!throttledNow || isLast)) return { ...measurement, attempts };
    if (isLast) {
      throw new ClockError(
        `operating point "${point.name}", ratio ${cell.ratio}: after sampling, ${describeDeviations(deviations)}, ` +
          `each of ${ATTEMPTS} times; expected within 1 %: the device cannot hold this clock under load`,
      );
    }
    hasThrottled ||= throttledNow;
    await tools.pace.coolDown();
  }
}

async function measureOnce(
  plan: MeasurePlan,
  cell: EdgeCell,
  point: EdgeOperatingPoint,
  runsPerSample: number,
  { controller, runner, sysfsRoot, pace }: CellTools,
): Promise<Omit<CellMeasurement, 'attempts'>> {
  const { batch, threads } = plan.protocol;
  const sysfs = new Sysfs(sysfsRoot);
  await controller.release();
  const file = plan.fileOf(cell.ratio);
  const { runnerVersion } = await runner.load({ file, ratio: cell.ratio, batch, threads });
  await controller.apply(point, { pid: runner.pid, threads });
  const temperatureBeforeC = await readTemperatureC(sysfsRoot);
  pace.noteTemperature(temperatureBeforeC);
  const before = readThrottleState(sysfs);
  const sampled = await sampleNetwork(pace, runsPerSample, plan.protocol);
  // Read while the device is still as warm as sampling made it.
  const readBack = await controller.readBack();
  const throttled = throttledBetween(before, readThrottleState(sysfs));
  return {
    ...readBack,
    ...sampled,
    ...{ cell, runsPerSample, runner: runner.name, runnerVersion, throttled, temperatureBeforeC },
    temperatureAfterC: await readTemperatureC(sysfsRoot),
    measuredAt: new Date(),
  };
}

function readBackOf({ clockReadBackHz, gpuReadBackHz, memReadBackHz }: AppliedClock) {
  return {
    ...(clockReadBackHz === undefined ? {} : { cpu: clockReadBackHz }),
    ...(gpuReadBackHz === undefined ? {} : { gpu: gpuReadBackHz }),
    ...(memReadBackHz === undefined ? {} : { mem: memReadBackHz }),
  };
}
