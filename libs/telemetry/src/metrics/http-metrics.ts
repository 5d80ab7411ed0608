import { Histogram, type Registry } from 'prom-client';
import { HTTP_SECONDS } from './durations.js';

export interface AnsweredRequest {
  readonly method: string;
  /** The template, such as `/v1/jobs/:id`; never the path itself, of which there is no end. */
  readonly route: string;
  /** Undefined where the client left before there was an answer. */
  readonly status: number | undefined;
  readonly seconds: number;
}

/** How long requests take, by route, method and class of status. */
export class HttpMetrics {
  private readonly durations: Histogram<'method' | 'route' | 'status_class'>;

  constructor(registry: Registry) {
    this.durations = new Histogram({
      name: 'isochron_http_request_duration_seconds',
      help: 'Time from the first line of a request to the end of its answer',
      labelNames: ['method', 'route', 'status_class'],
      buckets: [...HTTP_SECONDS],
      registers: [registry],
    });
  }

  observe({ method, route, status, seconds }: AnsweredRequest): void {
    const statusClass = status === undefined ? 'aborted' : `${Math.floor(status / 100)}xx`;
    this.durations.observe({ method, route, status_class: statusClass }, seconds);
  }
}
