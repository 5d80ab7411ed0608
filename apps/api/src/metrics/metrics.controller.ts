import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { AppError } from '#contracts';
import { mayScrape } from '#telemetry';
import { Public } from '../access/allows.decorator.js';
import { Documented } from '../openapi/documented.decorator.js';
import type { ApiMetrics } from './api-metrics.js';

export const API_METRICS = Symbol('ApiMetrics');

/** Needs no API key: it has a guard of its own. */
@ApiTags('health')
@Controller('metrics')
export class MetricsController {
  constructor(@Inject(API_METRICS) private readonly metrics: ApiMetrics) {}

  @Get()
  // Has a guard of its own.
  @Public()
  @Documented({
    id: 'getMetrics',
    summary: 'Metrics in the text format of Prometheus',
    description:
      'For the bearer token METRICS_TOKEN; where none is set, for the machine that the API runs on.',
    answers: { 200: { description: 'the metrics', schema: z.string(), mediaType: 'text/plain' } },
    problems: ['metrics_refused'],
  })
  async read(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { registry, token } = this.metrics;
    if (!mayScrape(request, token)) {
      const expected =
        token === undefined ? 'a request from this machine' : 'the token of METRICS_TOKEN as a bearer';
      throw new AppError('metrics_refused', `metrics are not for everybody: expected ${expected}`);
    }
    response.set({ 'Content-Type': registry.contentType, 'Cache-Control': 'no-store' });
    response.end(await registry.metrics());
  }
}
