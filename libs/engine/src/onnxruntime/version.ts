import { env } from 'onnxruntime-node';

/** Version of the onnxruntime that is loaded into this process. */
export function onnxRuntimeVersion(): string {
  return env.versions.node ?? env.versions.common;
}
