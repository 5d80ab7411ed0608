import type { Actor, Dataset, Page, PageQuery } from '#contracts';
import { datasetExists, type DatasetRepository } from '#registry';
import { MemoryRows } from '../jobs/memory-rows.js';

export class MemoryDatasets implements DatasetRepository {
  private readonly rows = new MemoryRows<Dataset>();

  create(dataset: Dataset): Promise<void> {
    if (this.named(dataset, dataset.name) !== undefined) return Promise.reject(datasetExists(dataset.name));
    this.rows.put(dataset);
    return Promise.resolve();
  }

  find(actor: Actor, datasetId: string): Promise<Dataset | undefined> {
    return Promise.resolve(this.rows.find(actor, datasetId));
  }

  findByName(actor: Actor, name: string): Promise<Dataset | undefined> {
    return Promise.resolve(this.named(actor, name));
  }

  list(actor: Actor, query: PageQuery): Promise<Page<Dataset>> {
    return Promise.resolve(this.rows.page(actor, query));
  }

  private named({ teamId }: Pick<Actor, 'teamId'>, name: string): Dataset | undefined {
    return this.rows.all().find((dataset) => dataset.teamId === teamId && dataset.name === name);
  }
}
