import { calibrate } from '#calibration';
import type { BenchRow } from '../benchmark.js';
import { GOALS } from '../goals.js';
import { median } from '../median.js';
import { drawsOf, RATIOS, simulateDevice } from './simulated-device.js';
import { SimulatedMeter } from './simulated-meter.js';

const SEED = 20_000;
const RUNS = 60;
const QUICK_RUNS = 3;
/** Until its code is compiled, a process is slower than it will be. */
const WARM_UP_RUNS = 20;

/** How long the calibration of a full table takes. */
export function calibrationMsRow(quick: boolean): BenchRow {
  const device = simulateDevice(SEED);
  const meter = new SimulatedMeter(device, drawsOf(SEED));
  const cells = device.points.flatMap((_, point) =>
    RATIOS.map((ratio) => meter.measured({ point, ratio, learned: false, interval: 0.01, maxSamples: 60 })),
  );
  const operatingPoints = [...device.points];
  const target = { kind: 'fastest-at-ratio', ratio: 0 } as const;
  const runsMs = Array.from({ length: quick ? QUICK_RUNS : WARM_UP_RUNS + RUNS }, () => {
    const before = performance.now();
    calibrate({ operatingPoints, cells, target, tolerance: 0.05, maxTrainedRatios: 4 });
    return performance.now() - before;
  });
  const samplesMs = quick ? runsMs : runsMs.slice(WARM_UP_RUNS);
  return {
    name: 'calibration_ms',
    value: median(samplesMs),
    unit: 'ms',
    goal: GOALS.calibration_ms,
    detail: { cells: cells.length, samplesMs },
  };
}
