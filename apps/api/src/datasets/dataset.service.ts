import { randomUUID } from 'node:crypto';
import {
  DATASET_FILES,
  newAudit,
  notFound,
  type Actor,
  type CreateDataset,
  type Dataset,
  type Page,
  type PageQuery,
} from '#contracts';
import { describeIdxDataset, mnistPaths, type DatasetDescription, type IdxPaths } from '#datasets';
import { datasetExists, type DatasetRepository } from '#registry';
import type { ArtifactStore } from '#storage';
import { rethrowUnreadable } from './unreadable-dataset.js';

type Origin = Dataset['origin'];

/** Datasets with their digests. A dataset is read and checked before anything of it is stored. */
export class DatasetService {
  constructor(private readonly parts: { datasets: DatasetRepository; artifacts: ArtifactStore }) {}

  /**
   * Registers files that the workers can read too (they are not copied), or MNIST (which is).
   * @throws AppError dataset_unreadable naming the file at fault, or already_exists
   */
  async register(actor: Actor, { name, source }: CreateDataset): Promise<Dataset> {
    if (source.kind === 'mnist') return this.copy(actor, name, mnistPaths(), 'mnist');
    await this.refuseTaken(actor, name);
    const { kind, ...paths } = source;
    const description = await describeIdxDataset(paths).catch(rethrowUnreadable(paths, 'source.'));
    const dataset = datasetOf(actor, name, kind, description);
    for (const file of DATASET_FILES) dataset.files[file].path = paths[file];
    await this.parts.datasets.create(dataset);
    return dataset;
  }

  /**
   * Keeps uploaded files.
   * @param uploads where the four files lie until this returns.
   * @throws AppError dataset_unreadable naming the file at fault, or already_exists
   */
  upload(actor: Actor, name: string, uploads: IdxPaths): Promise<Dataset> {
    return this.copy(actor, name, uploads, 'upload');
  }

  /** @throws AppError not_found */
  async get(actor: Actor, datasetId: string): Promise<Dataset> {
    const dataset = await this.parts.datasets.find(actor, datasetId);
    if (dataset === undefined) throw notFound('dataset', datasetId);
    return dataset;
  }

  list(actor: Actor, query: PageQuery): Promise<Page<Dataset>> {
    return this.parts.datasets.list(actor, query);
  }

  private async copy(actor: Actor, name: string, paths: IdxPaths, origin: Origin): Promise<Dataset> {
    await this.refuseTaken(actor, name);
    const description = await describeIdxDataset(paths).catch(rethrowUnreadable(paths, ''));
    for (const file of DATASET_FILES) await this.parts.artifacts.putFile(paths[file]);
    const dataset = datasetOf(actor, name, origin, description);
    await this.parts.datasets.create(dataset);
    return dataset;
  }

  /** Before any file is read or kept. Of two that come at once, the repository refuses one. */
  private async refuseTaken(actor: Actor, name: string): Promise<void> {
    if ((await this.parts.datasets.findByName(actor, name)) !== undefined) throw datasetExists(name);
  }
}

function datasetOf(actor: Actor, name: string, origin: Origin, description: DatasetDescription): Dataset {
  const { files, classCounts, ...rest } = description;
  return {
    ...newAudit(actor, randomUUID(), new Date()),
    ...rest,
    name,
    format: 'idx',
    origin,
    files: {
      trainImages: { ...files.trainImages },
      trainLabels: { ...files.trainLabels },
      testImages: { ...files.testImages },
      testLabels: { ...files.testLabels },
    },
    classCounts: [...classCounts],
  };
}
