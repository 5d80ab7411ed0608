export { ClockError, type ClockController, type ClockControllerKind } from './clock-controller.js';
export type { EdgeOperatingPoint } from './operating-point.js';
export { openClockController, type ClockOptions, type EmulationChoice } from './open-clock-controller.js';
export { restoreLeftoverClocks } from './cpufreq/leftover-clocks.js';
export { MeasuredProcess, MeasuredProcessError } from './measured/measured-process.js';
export { RUNNER } from './measured/runner.js';
export { measureCells, type CellMeasurement, type EdgeProtocol, type MeasurePlan } from './measure-cells.js';
export type { EdgeCell } from './plan-order.js';
