import type {
  Actor,
  Deployment,
  DeploymentOrder,
  MeasuringProtocol,
  MeasuringTask,
  ModelVersion,
} from '#contracts';
import type { RunnableRatio } from '../version-ratios.js';

/** Subnets of a version that are to be measured at every operating point of a device. */
export interface VersionMeasurement {
  readonly version: ModelVersion;
  readonly deviceId: string;
  /** Ascending. */
  readonly ratios: readonly RunnableRatio[];
  readonly order: DeploymentOrder;
  /** Default: as the deployment before was measured, else the usual one. */
  readonly protocol?: MeasuringProtocol | undefined;
  readonly before?: Deployment | undefined;
}

/** Has devices measure subnets of versions. */
export interface VersionMeasuring {
  /** @throws AppError invalid_request (naming deviceId) */
  measure(actor: Actor, measurement: VersionMeasurement, id: string): Promise<MeasuringTask>;
}
