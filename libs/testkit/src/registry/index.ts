export * from './memory-models.js';
export * from './registry-fixtures.js';
export * from './registry-repositories-conformance.js';
