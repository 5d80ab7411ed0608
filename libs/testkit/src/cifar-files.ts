import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

const PIXELS = 3 * 32 * 32;

/**
 * A file of CIFAR's binary format with so many records: record i has the label i % classes and, in the first pixel, i.
 * CIFAR-100's coarse label is 0 everywhere.
 */
export function cifarContent(records: number, classes: 10 | 100): Buffer {
  const labels = classes === 10 ? 1 : 2;
  const content = Buffer.alloc(records * (labels + PIXELS));
  for (let i = 0; i < records; i++) {
    const start = i * (labels + PIXELS);
    content[start + labels - 1] = i % classes;
    content.fill((i * 7) % 256, start + labels, start + labels + PIXELS);
    content[start + labels] = i % 256;
  }
  return content;
}

/** Two training files of 20 images and a test file of 10 in CIFAR-10's format, by name. */
export function cifar10Contents(): Record<string, Buffer> {
  return {
    'data_batch_1.bin': cifarContent(20, 10),
    'data_batch_2.bin': cifarContent(20, 10),
    'test_batch.bin': cifarContent(10, 10),
  };
}

/** Writes files by their paths within a folder. @returns the folder */
export async function writeFiles(folder: string, contents: Record<string, Uint8Array>): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(contents)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
  return folder;
}
