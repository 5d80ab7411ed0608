export { BundleError } from './bundle-error.js';
export type { BundleManifest, BundleMetadata } from './manifest.js';
export { writeBundle } from './write-bundle.js';
export { readBundle } from './read-bundle.js';
export { exportOnnx } from './export-onnx.js';
export {
  CheckpointDamagedError,
  decodeCheckpoint,
  encodeCheckpoint,
  type CheckpointFile,
} from './checkpoint-file.js';
