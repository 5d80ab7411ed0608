/** What an application on a device builds on: the package has it as `runtime.mjs`, with types of their own. */
export { BundleError } from '#bundle';
export type { AxisClocks } from '../clocks/clock-axis.js';
export type { EdgeOperatingPoint } from '../operating-point.js';
export { BundleFolder, type FolderContents, type StoredBundle } from './bundle-folder.js';
export { kernelClocks, type ClockSource } from './clock-source.js';
export {
  DeviceRuntime,
  type Inference,
  type RuntimeOptions,
  type RuntimeUpdate,
  type Switch,
} from './device-runtime.js';
export type { FollowOptions } from './follow-clock.js';
export type { RuntimePoint } from './runtime-point.js';
export type { LoadableSubnet, OpenSession, SessionOptions, SubnetSession } from './subnet-session.js';
export { SwitchError } from './switch-error.js';
