export { ClockError, type ClockController, type ClockControllerKind } from './clock-controller.js';
export {
  openMeasuring,
  type ClockOptions,
  type EmulationChoice,
  type MeasuringMeans,
  type RecordedChoice,
} from './open-measuring.js';
export { discoverPoints, type DiscoveredPoints } from './discovery/discover-points.js';
export { findSoc } from './discovery/find-soc.js';
export type { FoundClock } from './discovery/find-clocks.js';
export { DEFAULT_AXES, DEFAULT_MAX_POINTS, type PointOptions } from './discovery/propose-points.js';
export { CLOCK_AXES, type ClockAxis } from './clocks/clock-axis.js';
export { restoreLeftoverClocks } from './clocks/leftover-clocks.js';
export { ClocksNotRestoredError } from './clocks/saved-clocks.js';
export { MeasuredProcess, MeasuredProcessError } from './measured/measured-process.js';
export type { NetworkRunner } from './measured/network-runner.port.js';
export { adaptiveCells, type AdaptiveCells } from './measuring/adaptive-cells.js';
export { measureCells } from './measuring/measure-cells.js';
export type { CellMeasurement } from './measuring/measure-cell.js';
export { realTime, type MeasuringTime, type MeasuringTools } from './measuring/measuring-tools.js';
export type { EdgeCell, MeasurePlan, MeasuringState, NextCell } from './measuring/cell-plan.js';
export type { EdgeProtocol } from './measuring/protocol.js';
export * from './runtime/library.js';
export { imageSizeOf } from './image-size.js';
export { randomInput } from './measured/random-input.js';
