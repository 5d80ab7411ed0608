import { Dataset, type Actor, type Page, type PageQuery } from '#contracts';
import { datasetExists, type DatasetRepository } from '#registry';
import type { ArtifactReferences } from '../artifacts/artifact-references.js';
import { artifactRow } from '../artifacts/artifact.rows.js';
import { inTransaction, type Database } from '../database/database.js';
import { isDuplicate } from '../database/database-errors.js';
import { pageArguments, pageOfRows } from '../database/paging.js';
import { auditColumns, isId, json, plain } from '../database/rows.js';
import type { DatasetModel } from '../generated/models.js';

export class PostgresDatasetRepository implements DatasetRepository {
  constructor(
    private readonly database: Database,
    private readonly references: ArtifactReferences,
  ) {}

  async create(dataset: Dataset): Promise<void> {
    const { files, input, split, ...columns } = dataset;
    const data = {
      ...columns,
      ...auditColumns(dataset),
      files: json(files),
      input: json(input),
      split: json(split),
    };
    // A file with a path stays where it is; the others are artifacts.
    const uploaded = Object.values(dataset.files).filter((file) => file.path === undefined);
    const artifacts = uploaded.map((file) => artifactRow(dataset, 'dataset', file));
    try {
      await inTransaction(this.database, async (tx) => {
        await tx.dataset.create({ data });
        await this.references.note(tx, artifacts);
      });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      throw datasetExists(dataset.name, error);
    }
  }

  async find({ teamId }: Actor, datasetId: string): Promise<Dataset | undefined> {
    if (!isId(datasetId)) return undefined;
    const row = await this.database.dataset.findUnique({ where: { id: datasetId, teamId } });
    return row === null ? undefined : toDataset(row);
  }

  async findByName({ teamId }: Actor, name: string): Promise<Dataset | undefined> {
    const row = await this.database.dataset.findUnique({ where: { teamId_name: { teamId, name } } });
    return row === null ? undefined : toDataset(row);
  }

  async list({ teamId }: Actor, query: PageQuery): Promise<Page<Dataset>> {
    const { where, ...page } = pageArguments(query);
    const rows = await this.database.dataset.findMany({ where: { ...where, teamId }, ...page });
    return pageOfRows(rows, query, toDataset);
  }
}

function toDataset(row: DatasetModel): Dataset {
  return Dataset.parse(plain(row));
}
