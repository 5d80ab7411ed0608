export { HttpMetrics, type AnsweredRequest } from './metrics/http-metrics.js';
export {
  startMetricsServer,
  type MetricsServer,
  type MetricsServerOptions,
} from './metrics/metrics-server.js';
export { processRegistry, type MetricsRegistry } from './metrics/registry.js';
export { mayScrape } from './metrics/scrape-access.js';
export {
  registerServiceMetrics,
  type ServiceMetricsOptions,
  type ServiceSources,
} from './metrics/service-metrics.js';
export { WorkerMetrics, type HandledMessage, type TrainingSteps } from './metrics/worker-metrics.js';
export * from './tracing/spans.js';
export { startTracing, type TracedService } from './tracing/start-tracing.js';
