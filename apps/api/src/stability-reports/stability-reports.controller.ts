import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { Id, SignedStabilityReport, type Actor } from '#contracts';
import { Allows } from '../access/allows.decorator.js';
import { chooseForm, formatOf, JSON_OR_HTML } from '../http/answer-form.js';
import { CurrentActor } from '../http/current-actor.js';
import { ResourceIdOf, ResourceIndex, ResourceName } from '../http/resource-id.js';
import { Documented } from '../openapi/documented.decorator.js';
import { SignedReports } from './signed-reports.js';

const ReportQuery = z.object({
  format: formatOf(JSON_OR_HTML),
  deploymentId: Id.optional().describe('an earlier one; default: the newest of the version on the device'),
});
type ReportQuery = z.infer<typeof ReportQuery>;

@ApiTags('models')
@Controller('v1/models/:name/versions/:version/stability-reports')
export class StabilityReportsController {
  constructor(private readonly reports: SignedReports) {}

  @Get(':deviceId')
  @Allows('viewer')
  @Documented({
    id: 'getStabilityReport',
    summary: 'Read how steady a version is on a device, signed: as JSON or as one page',
    description:
      'Made of what never changes: the same deployment gives the same report. The page needs nothing but itself, and is ' +
      'signed as well.',
    answers: {
      200: {
        description: 'the report and its envelope',
        schema: SignedStabilityReport,
        alsoAs: [JSON_OR_HTML.html],
      },
    },
    problems: ['invalid_request', 'not_found'],
  })
  async report(
    @CurrentActor() actor: Actor,
    @ResourceName('model') model: string,
    @ResourceIndex('version', 'model version') version: number,
    @ResourceIdOf('deviceId', 'device') deviceId: string,
    @Query({ schema: ReportQuery }) { format, deploymentId }: ReportQuery,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SignedStabilityReport | string> {
    const { signed, page } = await this.reports.of(actor, { model, version }, { deviceId, deploymentId });
    const form = chooseForm({ request, response }, JSON_OR_HTML, format);
    if (form === 'json') return signed;
    // It is read in a browser, where nothing in it is to run.
    response.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox");
    return page;
  }
}
