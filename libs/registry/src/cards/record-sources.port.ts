import type {
  Actor,
  Calibration,
  Dataset,
  Device,
  Job,
  LatencyTable,
  ModelVersion,
  VersionRatio,
  VersionReference,
} from '#contracts';

/** A file beside a bundle that brought it further ratios. */
export interface RecordedAddendum {
  readonly digest: string;
  readonly bytes: number;
  readonly ratios: readonly VersionRatio[];
}

/** What a version came of and what other parts of the service own. Nothing that is gone is found. */
export interface RecordSources {
  job(actor: Actor, jobId: string): Promise<Job | undefined>;
  dataset(actor: Actor, datasetId: string): Promise<Dataset | undefined>;
  calibration(actor: Actor, calibrationId: string): Promise<Calibration | undefined>;
  device(actor: Actor, deviceId: string): Promise<Device | undefined>;
  modelVersion(actor: Actor, reference: VersionReference): Promise<ModelVersion | undefined>;
  /** Of a version, oldest first. */
  addenda(actor: Actor, reference: VersionReference): Promise<readonly RecordedAddendum[]>;
  /** With its cells. */
  latencyTable(actor: Actor, latencyTableId: string): Promise<LatencyTable | undefined>;
}
