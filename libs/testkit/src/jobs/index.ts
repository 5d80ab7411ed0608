export * from './job-fixtures.js';
export * from './job-repository-conformance.js';
export * from './job-products-conformance.js';
export * from './memory-job-products.js';
export * from './memory-job-store.js';
export * from './job-world.js';
export * from './waiting-jobs-conformance.js';
export * from './worker-fixtures.js';
