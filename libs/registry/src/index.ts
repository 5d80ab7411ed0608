export * from './dataset-repository.port.js';
export * from './model-repository.port.js';
export * from './publishing-sources.port.js';
export type { StabilityOf } from './build-deployment.js';
export * from './registry-service.js';
