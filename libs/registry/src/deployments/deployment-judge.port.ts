import type {
  Actor,
  Calibration,
  DeploymentOrder,
  Device,
  LatencyTable,
  MeasuringTask,
  VerifiedPoint,
} from '#contracts';

/** Judges measurements of a version's own subnets. */
export interface DeploymentJudge {
  /** By the order, of the table; stored by whoever asked for it. @throws AppError latency_table_unusable */
  calibrate(actor: Actor, order: DeploymentOrder, latencyTableId: string): Promise<Calibration>;

  /** What the table shows of every operating point of the calibration. @throws AppError latency_table_unusable */
  verify(calibration: Calibration, table: LatencyTable, device: Device): VerifiedPoint[];
}

/** What deployments are made of and other parts of the service own. */
export interface DeploymentSources {
  calibration(actor: Actor, calibrationId: string): Promise<Calibration | undefined>;
  device(actor: Actor, deviceId: string): Promise<Device | undefined>;
  latencyTable(actor: Actor, latencyTableId: string): Promise<LatencyTable | undefined>;
  measuringTask(actor: Actor, measuringTaskId: string): Promise<MeasuringTask | undefined>;
}
