import { createRequire } from 'node:module';
import { isochronVersion } from '#runtime';

/** Versions that a benchmark's figures depend on. */
export function describeVersions(): Record<string, string> {
  const require = createRequire(import.meta.url);
  const versionOf = (name: string) => (require(`${name}/package.json`) as { version: string }).version;
  const libraries = ['onnxruntime-node', '@tensorflow/tfjs-core'];
  return {
    isochron: isochronVersion(),
    node: process.version,
    ...Object.fromEntries(libraries.map((name) => [name, versionOf(name)])),
  };
}
