export * from './runs/run-logger.js';
export * from './runs/run-repository.port.js';
export * from './runs/tracking-error.js';
export * from './runs/tracking-server.port.js';
