import type {
  Actor,
  Deployment,
  DeploymentOrder,
  MeasuringProtocol,
  MeasuringTask,
  ModelVersion,
  VersionRatio,
} from '#contracts';

/** Subnets of a version that are to be measured at every operating point of a device. */
export interface VersionMeasurement {
  readonly version: ModelVersion;
  readonly deviceId: string;
  /** Ascending; each with the addendum that brings it, if one does. */
  readonly ratios: readonly (VersionRatio & { readonly addendum?: string | undefined })[];
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
