export * from './api-key-repository.port.js';
export * from './api-key-service.js';
export * from './audit-log-repository.port.js';
export * from './audit-log.js';
export * from './team-repository.port.js';
export * from './team-service.js';
export * from './make-first-key.js';
export { digestOf, newSecret } from './secrets.js';
