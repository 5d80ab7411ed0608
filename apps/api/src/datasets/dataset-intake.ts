import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { IDX_FILES, type Dataset, type DatasetSource, type Packing, type UploadDataset } from '#contracts';
import {
  cifarPaths,
  FASHION_MNIST_CLASSES,
  fashionMnistPaths,
  listImageFolder,
  mnistPaths,
  packImages,
  type DatasetFiles,
  type IdxPaths,
  type ImageFile,
} from '#datasets';
import { invalidRequest } from '../http/contract.pipe.js';
import type { DatasetRoots } from './dataset-roots.js';
import { rethrowUnreadable, type DatasetSourceField } from './unreadable-dataset.js';
import { FILES_PART } from './uploaded-files.js';

/** Files of a dataset as a reader takes them, and what the files do not say. */
export interface ReceivedDataset {
  readonly files: DatasetFiles;
  readonly origin: Dataset['origin'];
  /** Whether the files stay where they are, for workers read them there too. */
  readonly stays: boolean;
  readonly facts?: Partial<Pick<Dataset, 'classNames' | 'split' | 'sourceDigest'>>;
  /** Who is to blame for what. */
  readonly sources: readonly DatasetSourceField[];
}

/** What becomes of received files, which are there until it settles. */
type Use = (received: ReceivedDataset) => Promise<Dataset>;

type FolderSource = Extract<DatasetSource, { kind: 'folder' }>;

/** Finds, or makes, the files of a dataset that a request brings. */
export class DatasetIntake {
  /** @param folder for files that are made on the way */
  constructor(
    private readonly folder: string,
    private readonly roots: DatasetRoots,
  ) {}

  /** @throws AppError dataset_unreadable, or invalid_request for a path that leads elsewhere, naming the field */
  async ofSource(source: DatasetSource, use: Use): Promise<Dataset> {
    await this.roots.require(source);
    switch (source.kind) {
      case 'mnist':
        return use({ files: idx(mnistPaths()), origin: 'mnist', stays: false, sources: [] });
      case 'fashion-mnist':
        return use(await fashionMnist());
      case 'path':
        return use(idxByPath(source));
      case 'folder':
        return source.format === 'image-folder'
          ? this.imageFolder(source, use)
          : use(await cifarFolder(source));
    }
  }

  /** @throws AppError dataset_unreadable or invalid_request naming the part */
  async ofUpload(form: UploadDataset, files: readonly ImageFile[], use: Use): Promise<Dataset> {
    const sources = files.map(({ name, path }) => ({
      field: form.format === 'idx' ? name : FILES_PART,
      path,
      name,
    }));
    if (form.format === 'image-folder') {
      return this.packed(files, form, { origin: 'upload', sources: [{ field: FILES_PART }], use });
    }
    return use({
      files: { format: form.format, paths: byBaseName(files) },
      origin: 'upload',
      stays: false,
      sources: [...sources, { field: FILES_PART }],
    });
  }

  private async imageFolder(
    source: Extract<FolderSource, { format: 'image-folder' }>,
    use: Use,
  ): Promise<Dataset> {
    const sources = [folderField(source)];
    const files = await listImageFolder(source.folder).catch(rethrowUnreadable(sources));
    for (const { path: file, name } of files) {
      if (await this.roots.holds(file)) continue;
      const expected = `a folder without links that lead out of DATASET_ROOTS, as ${name} does`;
      throw invalidRequest([{ field: 'source.folder', value: source.folder, expected }]);
    }
    return this.packed(files, source, { origin: 'path', sources, use });
  }

  private async packed(
    files: readonly ImageFile[],
    { height, width, channels, testShare, splitSeed }: Packing,
    { origin, sources, use }: Pick<ReceivedDataset, 'origin' | 'sources'> & { use: Use },
  ): Promise<Dataset> {
    const folder = await mkdtemp(path.join(this.folder, 'packed-'));
    try {
      const options = { input: { channels, height, width }, testShare, seed: splitSeed };
      const { paths, classNames, split, sourceDigest } = await packImages(files, options, folder).catch(
        rethrowUnreadable(sources),
      );
      return await use({
        files: { format: 'image-folder', paths: { ...paths } },
        facts: { classNames: [...classNames], split, sourceDigest },
        ...{ origin, sources, stays: false },
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** Where files lie by their names without folders. @throws AppError invalid_request for the second of a name */
function byBaseName(files: readonly ImageFile[]): Record<string, string> {
  const found = new Map<string, ImageFile>();
  for (const file of files) {
    const name = path.posix.basename(file.name);
    const other = found.get(name);
    if (other !== undefined) {
      const expected = `one file named ${name}, and there is ${other.name} too`;
      throw invalidRequest([{ field: FILES_PART, value: file.name, expected }]);
    }
    found.set(name, file);
  }
  return Object.fromEntries([...found].map(([name, file]) => [name, file.path]));
}

const idx = (paths: IdxPaths): DatasetFiles => ({ format: 'idx', paths: { ...paths } });

const folderField = ({ folder }: FolderSource): DatasetSourceField => ({
  field: 'source.folder',
  value: folder,
});

async function fashionMnist(): Promise<ReceivedDataset> {
  const sources = [{ field: 'source.kind', value: 'fashion-mnist' }];
  const paths = await fashionMnistPaths().catch(rethrowUnreadable(sources));
  const facts = { classNames: [...FASHION_MNIST_CLASSES] };
  return { files: idx(paths), origin: 'fashion-mnist', stays: false, facts, sources };
}

function idxByPath(source: Extract<DatasetSource, { kind: 'path' }>): ReceivedDataset {
  const { kind: origin, ...paths } = source;
  const sources = IDX_FILES.map((file) => ({
    field: `source.${file}`,
    value: paths[file],
    path: paths[file],
  }));
  return { files: idx(paths), origin, stays: true, sources };
}

async function cifarFolder(
  source: Extract<FolderSource, { format: 'cifar-10' | 'cifar-100' }>,
): Promise<ReceivedDataset> {
  const sources = [folderField(source)];
  const paths = await cifarPaths(source.folder, source.format).catch(rethrowUnreadable(sources));
  return { files: { format: source.format, paths }, origin: 'path', stays: true, sources };
}
