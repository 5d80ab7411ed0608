export type { BundleIntake } from './bundle-intake/bundle-intake.js';
export type { WholeFile } from './bundle-intake/intake-messages.js';
export { Housekeeping } from './housekeeping.js';
export { networkOf } from './network-of.js';
export { uniformWidths } from './reachable-ratios.js';
export { bundleContent, MAX_BUNDLE_BYTES } from './uploaded-bundles.js';
export { wireService, type Service, type ServiceOptions } from './wire-service.js';
