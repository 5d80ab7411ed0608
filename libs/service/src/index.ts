export { Housekeeping } from './housekeeping.js';
export { networkOf } from './network-of.js';
export { uniformWidths } from './reachable-ratios.js';
export { wireService, type Service, type ServiceOptions } from './wire-service.js';
