import type { Actor, Calibration, Dataset } from '#contracts';

/** What a job refers to and other parts of the service own. */
export interface JobLookups {
  dataset(actor: Actor, datasetId: string): Promise<Dataset | undefined>;
  calibration(actor: Actor, calibrationId: string): Promise<Calibration | undefined>;
}
