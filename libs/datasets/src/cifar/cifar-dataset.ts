import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ChannelHistograms } from '../channel-statistics.js';
import { countClasses, type ImageDataset } from '../dataset.js';
import { DatasetError } from '../dataset-error.js';
import { digestOfFiles } from '../digest.js';
import { readCifarFile, type CifarFile } from './cifar-file.js';
import {
  CIFAR_INPUT,
  CIFAR_LAYOUTS,
  CIFAR_PIXELS,
  type CifarFormat,
  type CifarLayout,
} from './cifar-format.js';

/** Where files lie, by the names that the format gives them. */
type Paths = Readonly<Record<string, string>>;

/**
 * The files of a dataset in a folder; others in it do not matter.
 * @throws DatasetError naming the folder when it cannot be read or lacks files
 */
export async function cifarPaths(folder: string, format: CifarFormat): Promise<Record<string, string>> {
  const found = await readdir(folder).catch((error: Error) => {
    throw new DatasetError(`cannot be read: ${error.message}`, { file: folder }, { cause: error });
  });
  const names = fileNames(found, format, folder);
  return Object.fromEntries(names.map((name) => [name, join(folder, name)]));
}

/**
 * Reads and checks CIFAR-10 or CIFAR-100 (fine labels) in its binary version, or data in the same format.
 * @param paths of data_batch_*.bin and test_batch.bin, or train.bin and test.bin, by name
 * @throws DatasetError for missing, short or damaged files, and classes without a training image.
 */
export async function loadCifarDataset(paths: Paths, format: CifarFormat): Promise<ImageDataset> {
  const layout = CIFAR_LAYOUTS[format];
  const names = fileNames(Object.keys(paths), format);
  const files: CifarFile[] = [];
  for (const name of names) files.push(await readCifarFile(paths[name]!, layout));
  const train = imagesOf(files.slice(0, -1), layout);
  const test = imagesOf(files.slice(-1), layout);
  const histograms = new ChannelHistograms(CIFAR_INPUT);
  histograms.add(train.pixels.bytes);
  return {
    input: CIFAR_INPUT,
    classes: layout.classNames.length,
    classNames: layout.classNames,
    trainImages: train.labels.length,
    testImages: test.labels.length,
    classCounts: countClasses(train.labels, layout.classNames.length, paths[names[0]!]!),
    files: Object.fromEntries(
      names.map((name, i) => [name, { digest: files[i]!.digest, bytes: files[i]!.bytes }]),
    ),
    digest: digestOfFiles(files),
    ...histograms.statistics(),
    train,
    test,
  };
}

/** The files' names in the format's order: training data by number, then test data. @throws DatasetError */
function fileNames(found: readonly string[], format: CifarFormat, folder?: string): string[] {
  const { trainFile, firstTrainFile, testFile, expected } = CIFAR_LAYOUTS[format];
  const numberOf = (name: string) => Number(/\d+/.exec(name)?.[0] ?? 0);
  const train = found.filter((name) => trainFile.test(name)).sort((a, b) => numberOf(a) - numberOf(b));
  if (train.length > 0 && found.includes(testFile)) return [...train, testFile];
  const missing = train.length > 0 ? testFile : firstTrainFile;
  const detail = `there is no ${missing}; ${format} consists of ${expected}`;
  throw new DatasetError(detail, folder === undefined ? {} : { file: folder });
}

function imagesOf(files: readonly CifarFile[], { labelBytes }: CifarLayout) {
  const count = files.reduce((sum, file) => sum + file.count, 0);
  const bytes = new Uint8Array(new SharedArrayBuffer(count * CIFAR_PIXELS));
  const labels = new Uint8Array(count);
  let image = 0;
  for (const { content } of files) {
    for (let at = labelBytes; at < content.length; at += labelBytes + CIFAR_PIXELS) {
      labels[image] = content[at - 1]!;
      bytes.set(content.subarray(at, at + CIFAR_PIXELS), image * CIFAR_PIXELS);
      image++;
    }
  }
  return { pixels: { kind: 'held', bytes }, labels } as const;
}
