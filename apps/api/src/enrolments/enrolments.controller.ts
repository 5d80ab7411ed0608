import { Body, Controller, Header, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { CreateEnrolment, EnrolledDevice } from '#contracts';
import { EnrolmentService } from '#devices';
import { Public } from '../access/allows.decorator.js';
import { bearerOf } from '../access/bearer.js';
import { noteAuthor } from '../audit/audit.interceptor.js';
import { LOCATION } from '../http/creates.decorator.js';
import { BODY_PROBLEMS, Documented } from '../openapi/documented.decorator.js';

@ApiTags('devices')
@Controller('v1/enrolments')
export class EnrolmentsController {
  constructor(private readonly enrolments: EnrolmentService) {}

  @Post()
  // The enrolment key is what is needed.
  @Public()
  @HttpCode(201)
  @Header('Cache-Control', 'no-store')
  @Documented({
    id: 'enrolDevice',
    summary: 'Register the device that an agent runs on, with an enrolment key',
    description:
      'The answer has the API key of the device, for this once. The same installation gets the device of a name again, ' +
      'with a new API key in place of the old one; that counts as no further use of the enrolment key.',
    answers: {
      200: {
        description: 'the device that this installation had registered',
        schema: EnrolledDevice,
        headers: LOCATION,
      },
      201: { description: 'the new device', schema: EnrolledDevice, headers: LOCATION },
    },
    problems: [...BODY_PROBLEMS, 'enrolment_refused', 'already_exists'],
    headers: { Authorization: '`Bearer` and the enrolment key' },
  })
  async enrol(
    @Req() request: Request,
    @Body({ schema: CreateEnrolment }) body: CreateEnrolment,
    @Res({ passthrough: true }) response: Response,
  ): Promise<EnrolledDevice> {
    const { device, created, apiKey, by } = await this.enrolments.enrol(bearerOf(request), body);
    noteAuthor(request, by.teamId, { kind: 'enrolment-key', id: by.id, name: by.name });
    if (!created) response.status(200);
    response.location(`/v1/devices/${device.id}`);
    return { ...device, apiKey };
  }
}
