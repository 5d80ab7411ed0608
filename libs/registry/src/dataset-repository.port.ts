import { AppError, type Actor, type Dataset, type Page, type PageQuery } from '#contracts';

export interface DatasetRepository {
  /** @throws AppError already_exists when the team has a dataset of this name */
  create(dataset: Dataset): Promise<void>;
  find(actor: Actor, datasetId: string): Promise<Dataset | undefined>;
  findByName(actor: Actor, name: string): Promise<Dataset | undefined>;
  /** Newest first. */
  list(actor: Actor, query: PageQuery): Promise<Page<Dataset>>;
}

export function datasetExists(name: string, cause?: unknown): AppError {
  return new AppError('already_exists', `there is a dataset "${name}" already`, {
    fields: [{ field: 'name', value: name, expected: 'a name that no dataset of the team has' }],
    cause,
  });
}
