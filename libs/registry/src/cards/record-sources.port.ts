import type { Actor, Calibration, Dataset, Device, Job, LatencyTable } from '#contracts';

/** What a version came of and what other parts of the service own. Nothing that is gone is found. */
export interface RecordSources {
  job(actor: Actor, jobId: string): Promise<Job | undefined>;
  dataset(actor: Actor, datasetId: string): Promise<Dataset | undefined>;
  calibration(actor: Actor, calibrationId: string): Promise<Calibration | undefined>;
  device(actor: Actor, deviceId: string): Promise<Device | undefined>;
  /** With its cells. */
  latencyTable(actor: Actor, latencyTableId: string): Promise<LatencyTable | undefined>;
}
