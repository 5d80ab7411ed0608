import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export type TensorFlowProvider = 'tensorflow' | 'tensorflow-gpu';

/** A package that binds TensorFlow's C library, and what `npm run provision` calls it. */
export interface TensorFlowPackage {
  readonly name: string;
  readonly provision: string;
}

export const TENSORFLOW_PACKAGES: Readonly<Record<TensorFlowProvider, TensorFlowPackage>> = {
  tensorflow: { name: '@tensorflow/tfjs-node', provision: 'tensorflow-cpu' },
  'tensorflow-gpu': { name: '@tensorflow/tfjs-node-gpu', provision: 'tensorflow-gpu' },
};

/**
 * The folder of an optional package: as any dependency, or where `npm run provision` put it (`provisioned/NAME` beside
 * package.json); undefined where it is in neither.
 */
export function findTensorFlow({ name, provision }: TensorFlowPackage): string | undefined {
  const here = fileURLToPath(import.meta.url);
  const provisioned = path.join(packageRoot(here), 'provisioned', provision, 'package.json');
  for (const from of [here, provisioned]) {
    try {
      return path.dirname(createRequire(from).resolve(`${name}/package.json`));
    } catch {
      continue;
    }
  }
  return undefined;
}

/** The nearest folder above with a package.json: sources and compiled files lie at different depths. */
function packageRoot(from: string): string {
  const folder = path.dirname(from);
  if (folder === from || existsSync(path.join(folder, 'package.json'))) return folder;
  return packageRoot(folder);
}
