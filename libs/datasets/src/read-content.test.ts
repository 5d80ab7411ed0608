import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { temporaryFolder } from '#testkit';
import { readCifarFile } from './cifar/cifar-file.js';
import { CIFAR_LAYOUTS } from './cifar/cifar-format.js';
import { readIdxImages } from './idx/idx-file.js';
import { readContent } from './read-content.js';

const MIB = 2 ** 20;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => void (folder = await temporaryFolder('bombs')));
afterAll(() => folder.remove());

const write = async (name: string, content: Uint8Array) => {
  const file = join(folder.path, name);
  await writeFile(file, content);
  return file;
};

test('gzip data that unpack to far more than they are, are refused after little of it', async () => {
  const bomb = await write('bomb.gz', gzipSync(Buffer.alloc(512 * MIB), { level: 9 }));
  let taken = 0;
  const reading = readContent(bomb, (chunk) => void (taken += chunk.length));
  await expect(reading).rejects.toThrow(/bomb\.gz at byte \d+: unpacks to more than .* 100 times its size/);
  expect(taken).toBeLessThan(160 * MIB);
});

test('data that pack well are read where there are not many of them', async () => {
  const file = await write('zeros.gz', gzipSync(Buffer.alloc(60 * MIB)));
  let taken = 0;
  await readContent(file, (chunk) => void (taken += chunk.length));
  expect(taken).toBe(60 * MIB);
});

test('a bomb of CIFAR records is refused', async () => {
  const file = await write('records.gz', gzipSync(Buffer.alloc(256 * MIB)));
  await expect(readCifarFile(file, CIFAR_LAYOUTS['cifar-10'])).rejects.toThrow('unpacks to more than');
});

test('packed images that would not fit are refused by their header', async () => {
  const header = Buffer.from([0, 0, 8, 3, ...[0, 1, 0, 0], ...[0, 0, 1, 0], ...[0, 0, 1, 0]]);
  const file = await write('large.gz', gzipSync(Buffer.concat([header, Buffer.alloc(MIB)])));
  await expect(readIdxImages(file, 2 * MIB)).rejects.toThrow('store it unpacked');
});
