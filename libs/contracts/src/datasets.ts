import { z } from 'zod';
import { Audit, ImageInput, Name, Sha256 } from './common.js';

const ServerPath = z
  .string()
  .regex(/^\//, { message: 'expected an absolute path', abort: true })
  .max(4096)
  .describe('absolute path that API and workers share');

export const DatasetFormat = z.enum(['idx', 'cifar-10', 'cifar-100', 'image-folder']);
export type DatasetFormat = z.infer<typeof DatasetFormat>;

const Cifar = z.enum(['cifar-10', 'cifar-100']);

/** How a folder of images becomes a dataset; numbers come as text in an upload. */
const packing = (number: () => z.ZodNumber | z.ZodCoercedNumber) => ({
  height: number().int().min(8).max(512),
  width: number().int().min(8).max(512),
  channels: number()
    .refine((channels) => channels === 1 || channels === 3, 'expected 1 or 3')
    .default(3)
    .describe('3 for colour, 1 for brightness'),
  testShare: number()
    .min(0.001)
    .max(0.9)
    .default(0.1)
    .describe("share of each class's images that tests, where there are no folders train and test (or val)"),
  splitSeed: number()
    .int()
    .min(0)
    .max(0xffffffff)
    .default(1)
    .describe('chooses the test images, and the order'),
});

/** Where files lie, or a dataset that is installed. An upload sends the files as multipart/form-data. */
export const DatasetSource = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('path'),
    trainImages: ServerPath,
    trainLabels: ServerPath,
    testImages: ServerPath,
    testLabels: ServerPath,
  }),
  z.discriminatedUnion('format', [
    z.strictObject({ kind: z.literal('folder'), format: Cifar, folder: ServerPath }),
    z.strictObject({
      kind: z.literal('folder'),
      format: z.literal('image-folder'),
      folder: ServerPath,
      ...packing(() => z.number()),
    }),
  ]),
  z.strictObject({ kind: z.enum(['mnist', 'fashion-mnist']) }),
]);
export type DatasetSource = z.infer<typeof DatasetSource>;

export const CreateDataset = z.strictObject({ name: Name, source: DatasetSource });
export type CreateDataset = z.infer<typeof CreateDataset>;

/**
 * Text fields of an upload. IDX files are parts named `trainImages`, `trainLabels`, `testImages` and `testLabels`; those of
 * other formats are parts named `files`, whose file names are paths within the folder.
 */
export const UploadDataset = z.discriminatedUnion('format', [
  z.strictObject({ name: Name, format: z.literal('idx') }),
  z.strictObject({ name: Name, format: Cifar }),
  z.strictObject({ name: Name, format: z.literal('image-folder'), ...packing(() => z.coerce.number()) }),
]);
export type UploadDataset = z.infer<typeof UploadDataset>;

/** How a folder of images is packed. */
export type Packing = Omit<Extract<UploadDataset, { format: 'image-folder' }>, 'name' | 'format'>;

/** Parts of an upload of IDX files. */
export const IDX_FILES = ['trainImages', 'trainLabels', 'testImages', 'testLabels'] as const;
export type IdxFile = (typeof IDX_FILES)[number];

export const StoredFile = z.object({ digest: Sha256, bytes: z.number().int(), path: z.string().optional() });

export const DatasetSplit = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('given') }).describe('the files or folders say which images test'),
  z.object({ kind: z.literal('seeded'), testShare: z.number(), seed: z.number().int() }),
]);
export type DatasetSplit = z.infer<typeof DatasetSplit>;

export const Dataset = Audit.extend({
  name: Name,
  format: DatasetFormat,
  origin: z.enum(['path', 'mnist', 'fashion-mnist', 'upload']),
  digest: Sha256.describe("SHA-256 over the files' digests in the format's order, joined by newlines"),
  sourceDigest: Sha256.optional().describe(
    'of an image folder: SHA-256 over what sha256sum prints for its images, sorted by path',
  ),
  files: z
    .record(z.string(), StoredFile)
    .describe('by the names that the format gives them; an image folder is packed into IDX files'),
  input: ImageInput,
  classes: z.number().int(),
  classNames: z.array(z.string()),
  split: DatasetSplit,
  trainImages: z.number().int(),
  testImages: z.number().int(),
  classCounts: z.array(z.number().int()).describe('training images per class'),
});
export type Dataset = z.infer<typeof Dataset>;
