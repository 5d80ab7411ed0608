import { collectDefaultMetrics, Registry } from 'prom-client';

/** Whatever can tell its metrics in the text that Prometheus reads. */
export type MetricsRegistry = Pick<Registry, 'metrics' | 'contentType'>;

/** A registry of one's own with what there is to say of this process: CPU, memory, event loop, garbage collection. */
export function processRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
