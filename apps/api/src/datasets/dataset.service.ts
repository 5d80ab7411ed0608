import { randomUUID } from 'node:crypto';
import {
  newAudit,
  notFound,
  type Actor,
  type CreateDataset,
  type Dataset,
  type Page,
  type PageQuery,
  type UploadDataset,
} from '#contracts';
import { describeDataset, type DatasetDescription, type ImageFile } from '#datasets';
import { datasetExists, type DatasetRepository } from '#registry';
import type { ArtifactStore } from '#storage';
import type { DatasetIntake, ReceivedDataset } from './dataset-intake.js';
import { rethrowUnreadable } from './unreadable-dataset.js';

interface Named {
  readonly name: string;
  /** Any, where it is not given. */
  readonly id: string | undefined;
}

/** Datasets with their digests. A dataset is read and checked before anything of it is stored. */
export class DatasetService {
  constructor(
    private readonly parts: { datasets: DatasetRepository; artifacts: ArtifactStore; intake: DatasetIntake },
  ) {}

  /**
   * Registers a dataset by where it is. Files of a path are not copied: workers read them there too. An image folder is
   * packed, and what is installed on this machine is copied.
   * @throws AppError dataset_unreadable naming the file at fault, or already_exists
   */
  async register(actor: Actor, { name, source }: CreateDataset, id?: string): Promise<Dataset> {
    await this.refuseTaken(actor, name);
    return this.parts.intake.ofSource(source, (received) => this.keep(actor, { name, id }, received));
  }

  /**
   * Keeps uploaded files.
   * @param files where they lie until this settles.
   * @throws AppError dataset_unreadable naming the file at fault, or already_exists
   */
  async upload(
    actor: Actor,
    form: UploadDataset,
    files: readonly ImageFile[],
    id?: string,
  ): Promise<Dataset> {
    await this.refuseTaken(actor, form.name);
    return this.parts.intake.ofUpload(form, files, (received) =>
      this.keep(actor, { name: form.name, id }, received),
    );
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

  private async keep(actor: Actor, named: Named, received: ReceivedDataset): Promise<Dataset> {
    const { files, stays, sources } = received;
    const description = await describeDataset(files).catch(rethrowUnreadable(sources));
    if (!stays) {
      for (const file of Object.keys(description.files))
        await this.parts.artifacts.putFile(files.paths[file]!);
    }
    const dataset = datasetOf(actor, named, received, description);
    await this.parts.datasets.create(dataset);
    return dataset;
  }

  /** Before any file is read or kept. Of two that come at once, the repository refuses one. */
  private async refuseTaken(actor: Actor, name: string): Promise<void> {
    if ((await this.parts.datasets.findByName(actor, name)) !== undefined) throw datasetExists(name);
  }
}

function datasetOf(
  actor: Actor,
  { name, id = randomUUID() }: Named,
  { files, stays, origin, facts }: ReceivedDataset,
  description: DatasetDescription,
): Dataset {
  const stored = Object.entries(description.files).map(([file, { digest, bytes }]) => {
    return [file, stays ? { digest, bytes, path: files.paths[file]! } : { digest, bytes }] as const;
  });
  return {
    ...newAudit(actor, id, new Date()),
    ...description,
    classCounts: [...description.classCounts],
    classNames: [...description.classNames],
    split: { kind: 'given' },
    ...facts,
    name,
    format: files.format,
    origin,
    files: Object.fromEntries(stored),
  };
}
