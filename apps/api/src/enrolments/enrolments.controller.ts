import { Body, Controller, Headers, HttpCode, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { CreateEnrolment, Device } from '#contracts';
import { EnrolmentService } from '#devices';
import { LOCATION } from '../http/creates.decorator.js';
import { BODY_PROBLEMS, Documented } from '../openapi/documented.decorator.js';

const BEARER = /^Bearer +(\S+)$/i;

@ApiTags('devices')
@Controller('v1/enrolments')
export class EnrolmentsController {
  constructor(private readonly enrolments: EnrolmentService) {}

  @Post()
  @HttpCode(201)
  @Documented({
    id: 'enrolDevice',
    summary: 'Register the device that an agent runs on, with an enrolment key',
    description:
      'The same installation gets the device of a name again; that counts as no further use of the key.',
    answers: {
      200: {
        description: 'the device that this installation had registered',
        schema: Device,
        headers: LOCATION,
      },
      201: { description: 'the new device', schema: Device, headers: LOCATION },
    },
    problems: [...BODY_PROBLEMS, 'enrolment_refused', 'already_exists'],
    headers: { Authorization: '`Bearer` and the enrolment key' },
  })
  async enrol(
    @Headers('authorization') authorization: string | undefined,
    @Body({ schema: CreateEnrolment }) body: CreateEnrolment,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Device> {
    const key = BEARER.exec(authorization ?? '')?.[1];
    const { device, created } = await this.enrolments.enrol(key, body);
    if (!created) response.status(200);
    response.location(`/v1/devices/${device.id}`);
    return device;
  }
}
