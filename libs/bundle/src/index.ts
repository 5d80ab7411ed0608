export { BundleError } from './bundle-error.js';
export type { AddendumManifest, BundleManifest, BundleMetadata, MemberEntry } from './manifest.js';
export { ADDENDUM_MANIFEST_SCHEMA, BUNDLE_MANIFEST_SCHEMA } from './manifest-schema.js';
export { writeBundle } from './write-bundle.js';
export { readBundle, readBundleInPlace, type AppliedAddendum, type Bundle } from './read-bundle.js';
export { BundleScan, type ScannedBundle } from './bundle-scan.js';
export {
  applyAddendum,
  readAddendum,
  readBundleWithAddenda,
  writeAddendum,
  type Addendum,
  type WriteAddendumOptions,
} from './addendum.js';
export { ONNX_OPSET } from '#onnx';
export { exportOnnx, type ExportOnnxOptions } from './export/export-onnx.js';
export { SubnetModels, type SubnetModel, type SubnetTensor } from './export/subnet-models.js';
export { exportTfjs, type ExportTfjsOptions, type ExportedFile } from './export/export-tfjs.js';
export {
  exportSubnet,
  type ExportTarget,
  type PublishedAs,
  type SubnetExport,
  type TensorPort,
} from './export/export-subnet.js';
export type { BatchNormForm } from './export/plain-network.js';
export {
  CheckpointDamagedError,
  decodeCheckpoint,
  encodeCheckpoint,
  type CheckpointFile,
} from './checkpoint-file.js';
