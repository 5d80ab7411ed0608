export * from './artifact-store-conformance.js';
export * from './collector-conformance.js';
export * from './object-files-conformance.js';
export * from './test-s3.js';
