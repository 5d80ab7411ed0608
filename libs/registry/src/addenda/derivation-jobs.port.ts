import type { Actor, CreateAddendum, Job, ModelVersion } from '#contracts';

/** Ratios that are to be derived of a version; all of it was checked. */
export interface Derivation {
  readonly version: ModelVersion;
  readonly datasetId: string;
  readonly request: CreateAddendum;
}

/** Has workers derive ratios. */
export interface DerivationJobs {
  /** @throws AppError dataset_does_not_fit where the dataset has too few images; Error where there is a job with the id */
  submit(actor: Actor, derivation: Derivation, id: string): Promise<Job>;
}
