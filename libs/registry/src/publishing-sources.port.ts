import type { Actor, Calibration, Dataset, Device, LatencyTable } from '#contracts';

/** What a version and its deployment are made of and other parts of the service own. */
export interface PublishingSources {
  dataset(actor: Actor, datasetId: string): Promise<Dataset | undefined>;
  calibration(actor: Actor, calibrationId: string): Promise<Calibration | undefined>;
  device(actor: Actor, deviceId: string): Promise<Device | undefined>;
  /** The latency table that a measuring task of a verification left behind. */
  verification(actor: Actor, measuringTaskId: string): Promise<LatencyTable | undefined>;
}
