export * from './dataset-repository.port.js';
export * from './drift-repository.port.js';
export * from './drift-test.port.js';
export * from './field-latency-service.js';
export * from './model-repository.port.js';
export * from './publishing-sources.port.js';
export type { StabilityOf } from './build-deployment.js';
export * from './registry-service.js';
