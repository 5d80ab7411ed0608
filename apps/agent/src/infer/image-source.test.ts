import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '#testkit';
import { openImages } from './image-source.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => void (folder = await temporaryFolder('images')));
afterAll(() => folder.remove());

const fileOf = async (bytes: Uint8Array): Promise<string> => {
  const file = join(folder.path, 'images.f32');
  await writeFile(file, bytes);
  return file;
};

test('images of a file are taken in turns', async () => {
  const values = Float32Array.of(1, 2, 3, 4, 5, 6);
  const images = await openImages(await fileOf(new Uint8Array(values.buffer)), 2);
  expect([0, 1, 2, 3].map((run) => [...images.at(run)])).toEqual([
    [1, 2],
    [3, 4],
    [5, 6],
    [1, 2],
  ]);
});

test.each([0, 4, 10])('a file of %d bytes is no image of 2 values', async (bytes) => {
  const file = await fileOf(new Uint8Array(bytes));
  await expect(openImages(file, 2)).rejects.toThrow(/--images ".*images.f32": expected .* a multiple of 2 /);
});

test('random values are the same all the time', async () => {
  const images = await openImages('random', 5);
  expect(images.at(0)).toHaveLength(5);
  expect(images.at(1)).toEqual(images.at(0));
});
