export * from './device-fixtures.js';
export * from './device-repositories-conformance.js';
export * from './import-files.js';
export * from './memory-devices.js';
export * from './memory-latency-tables.js';
export * from './memory-measuring-tasks.js';
export * from './measuring-world.js';
