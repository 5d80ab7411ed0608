import { Controller, Get, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Public } from '../access/allows.decorator.js';
import { Documented } from '../openapi/documented.decorator.js';
import { HealthChecks } from './health-checks.js';
import { Liveness, Readiness } from './readiness.js';

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(private readonly checks: HealthChecks) {}

  @Get('live')
  // For whoever watches the service.
  @Public()
  @Documented({
    id: 'getLiveness',
    summary: 'Whether the process answers',
    answers: { 200: { description: 'it does', schema: Liveness } },
  })
  live(): Liveness {
    return { status: 'ok' };
  }

  @Get('ready')
  // For whoever watches the service.
  @Public()
  @Documented({
    id: 'getReadiness',
    summary: 'Whether database, queue and artifact store answer',
    answers: {
      200: { description: 'all parts answer', schema: Readiness },
      503: { description: 'which part fails', schema: Readiness },
    },
  })
  async ready(@Res({ passthrough: true }) response: Response): Promise<Readiness> {
    const readiness = await this.checks.run();
    if (readiness.status === 'failing') response.status(503);
    return readiness;
  }
}
