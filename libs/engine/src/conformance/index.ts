export { CONFORMANCE_TOLERANCE, checkConformance, type ConformanceResult } from './check-conformance.js';
