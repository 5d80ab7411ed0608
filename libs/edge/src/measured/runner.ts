import { createRequire } from 'node:module';

/** What runs the networks, for the provenance of samples. */
export const RUNNER = 'onnxruntime-node';

export function runnerVersion(): string {
  const manifest = createRequire(import.meta.url)(`${RUNNER}/package.json`) as { version: string };
  return manifest.version;
}
