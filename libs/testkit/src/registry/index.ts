export * from './deployments-conformance.js';
export * from './memory-models.js';
export * from './memory-registry.js';
export * from './registry-fixtures.js';
export * from './registry-harness.js';
export * from './registry-repositories-conformance.js';
export * from './stored-registry.js';
export * from './stability-report-fixture.js';
