import { createRequire } from 'node:module';
import { isochronVersion } from '#runtime';

/** Versions that a benchmark's figures depend on. */
export function describeVersions(): Record<string, string> {
  const runtime = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  return { isochron: isochronVersion(), node: process.version, 'onnxruntime-node': runtime.version };
}
