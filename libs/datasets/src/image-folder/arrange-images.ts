import { MAX_CLASSES } from '../dataset.js';
import { DatasetError } from '../dataset-error.js';
import { sha256 } from '../digest.js';
import type { ImageFile } from './image-file.js';

/** How the images of a folder were divided: by its folders, or by a seed. */
export type Split =
  { readonly kind: 'given' } | { readonly kind: 'seeded'; readonly testShare: number; readonly seed: number };

export interface SplitOptions {
  /** Share of each class's images that tests, where the folder does not say: above 0, below 1. */
  readonly testShare: number;
  readonly seed: number;
}

export interface LabelledFile extends ImageFile {
  readonly label: number;
}

export interface ArrangedImages {
  /** In the order of their UTF-16 code units. */
  readonly classNames: readonly string[];
  /** Shuffled by the seed, so that the first N are of all classes. */
  readonly train: readonly LabelledFile[];
  readonly test: readonly LabelledFile[];
  readonly split: Split;
}

const IMAGE = /\.(png|jpe?g)$/i;

interface Placed extends ImageFile {
  readonly part: 'train' | 'test' | undefined;
  readonly className: string;
  /** Decides the order, and who tests in a seeded split: no image's depends on the others. */
  readonly rank: string;
}

/**
 * Gives each image its class and part. A folder with `train` and `test` (or `val`) has `train/CLASS/IMAGE`; any other
 * one has `CLASS/IMAGE`, and of each class the images whose SHA-256 of "SEED/CLASS/IMAGE" comes first are the test
 * images: round(n * testShare) of n, at least one, and all but one at most.
 * @throws DatasetError naming the image that is out of place, or what the folder lacks
 */
export function arrangeImages(
  files: readonly ImageFile[],
  { testShare, seed }: SplitOptions,
): ArrangedImages {
  if (files.length === 0) throw new DatasetError('there is no image; expected CLASS/IMAGE.png or .jpg');
  refuseRepeated(files);
  const { place, split } = layoutOf(files, { testShare, seed });
  const placed = files
    .map((file): Placed | undefined => {
      const where = place(file);
      return where && { ...file, ...where, rank: sha256(`${seed}/${file.name}`) };
    })
    .filter((file) => file !== undefined)
    .sort((a, b) => (a.rank < b.rank ? -1 : 1));
  const parts = split.kind === 'given' ? placed : chosenBySeed(placed, split.testShare);
  const train = parts.filter(({ part }) => part === 'train');
  const classNames = classNamesOf(train);
  return {
    classNames,
    train: labelled(train, classNames),
    test: labelled(testImages(parts), classNames),
    split,
  };
}

function refuseRepeated(files: readonly ImageFile[]): void {
  const names = new Set<string>();
  for (const file of files) {
    if (names.has(file.name)) refuse(file, 'there are two files of this name');
    names.add(file.name);
  }
}

type Place = (file: ImageFile) => Pick<Placed, 'part' | 'className'> | undefined;

function layoutOf(files: readonly ImageFile[], options: SplitOptions): { place: Place; split: Split } {
  const tops = new Set(files.map(({ name }) => name.split('/')[0]!));
  const test = ['test', 'val'].find((name) => tops.has(name));
  if (!tops.has('train') || test === undefined) {
    const place: Place = (file) => {
      const [className] = partsOf(file, 2, 'CLASS/IMAGE');
      return { part: undefined, className: className! };
    };
    return { place, split: { kind: 'seeded', testShare: options.testShare, seed: options.seed } };
  }
  const place: Place = (file) => {
    const [folder, className] = partsOf(file, 3, `train/CLASS/IMAGE or ${test}/CLASS/IMAGE`);
    if (folder === 'val' && test === 'test') return undefined;
    if (folder !== 'train' && folder !== test)
      refuse(file, `expected train/CLASS/IMAGE or ${test}/CLASS/IMAGE`);
    return { part: folder === 'train' ? 'train' : 'test', className: className! };
  };
  return { place, split: { kind: 'given' } };
}

function partsOf(file: ImageFile, depth: number, expected: string): string[] {
  const parts = file.name.split('/');
  if (parts.length !== depth) refuse(file, `expected ${expected}`);
  if (!IMAGE.test(file.name)) refuse(file, 'expected a file name that ends in .png, .jpg or .jpeg');
  return parts;
}

function refuse({ name }: ImageFile, detail: string): never {
  throw new DatasetError(detail, { file: name });
}

/** @param placed in the order of their ranks */
function chosenBySeed(placed: readonly Placed[], testShare: number): Placed[] {
  const classes = new Map<string, Placed[]>();
  for (const image of placed) {
    const images = classes.get(image.className);
    if (images) images.push(image);
    else classes.set(image.className, [image]);
  }
  const tests = new Set<Placed>();
  for (const images of classes.values()) {
    const count = Math.min(images.length - 1, Math.max(1, Math.round(images.length * testShare)));
    for (const image of images.slice(0, count)) tests.add(image);
  }
  return placed.map((image) => ({ ...image, part: tests.has(image) ? 'test' : 'train' }));
}

function classNamesOf(train: readonly Placed[]): string[] {
  const names = [...new Set(train.map(({ className }) => className))].sort();
  if (names.length >= 2 && names.length <= MAX_CLASSES) return names;
  throw new DatasetError(
    `${names.length} class${names.length === 1 ? '' : 'es'} with training images, expected 2 to ${MAX_CLASSES}`,
  );
}

function testImages(placed: readonly Placed[]): Placed[] {
  const test = placed.filter(({ part }) => part === 'test');
  if (test.length === 0) throw new DatasetError('no class has the two images that a test image takes');
  return test;
}

function labelled(images: readonly Placed[], classNames: readonly string[]): LabelledFile[] {
  const labels = new Map(classNames.map((name, label) => [name, label]));
  return images.map(({ name, path, className }) => {
    const label = labels.get(className);
    if (label === undefined) refuse({ name, path }, `class "${className}" has no training image`);
    return { name, path, label };
  });
}
