import fs from 'node:fs/promises';
import path from 'node:path';
import { writeBundle } from '#bundle';
import { imageNetResNet, resNet } from '#network';
import { randomFamily } from '#pruning';
import { RATIOS } from './runtime-networks.js';

/** What is sent to and fro: `large` has 100 MB and more, as the weights of ResNet-50 have. */
export type BundleSize = 'large' | 'small';

const NETWORKS = {
  large: () => imageNetResNet({ depth: 50, input: { channels: 3, height: 224, width: 224 }, classes: 1000 }),
  small: () => resNet({ depth: 8, input: { channels: 3, height: 32, width: 32 }, classes: 10 }),
};

/** Writes so many bundles, of which no two have the same digest: untrained weights, under different names. @returns their paths */
export async function writeBundles(folder: string, size: BundleSize, count: number): Promise<string[]> {
  const family = randomFamily(NETWORKS[size](), RATIOS, { minChannels: 4, channelMultiple: 4, seed: 1 });
  const files: string[] = [];
  for (let index = 0; index < count; index++) {
    const file = path.join(folder, `${size}-${index}.bundle`);
    await fs.writeFile(file, writeBundle(family, { index }), { flush: true });
    files.push(file);
  }
  return files;
}
