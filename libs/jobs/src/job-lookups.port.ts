import type {
  Actor,
  Calibration,
  Dataset,
  Device,
  LatencyTable,
  ModelVersion,
  VersionReference,
} from '#contracts';

/** What a job refers to and other parts of the service own. */
export interface JobLookups {
  dataset(actor: Actor, datasetId: string): Promise<Dataset | undefined>;
  calibration(actor: Actor, calibrationId: string): Promise<Calibration | undefined>;
  latencyTable(actor: Actor, latencyTableId: string): Promise<LatencyTable | undefined>;
  device(actor: Actor, deviceId: string): Promise<Device | undefined>;
  modelVersion(actor: Actor, reference: VersionReference): Promise<ModelVersion | undefined>;
}
