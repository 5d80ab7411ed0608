import { Body, Controller, Get, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { Calibration, CalibrationPreview, CreateCalibration, type Actor } from '#contracts';
import { CalibrationService } from '#devices';
import { Allows } from '../access/allows.decorator.js';
import { ChangesNothing } from '../audit/changes-nothing.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { Creates, LOCATION } from '../http/creates.decorator.js';
import { Immutable, NOT_MODIFIED, VALIDATOR } from '../http/immutable.decorator.js';
import { ForNew, madeOnce, type NewId } from '../http/new-id.js';
import { ResourceId } from '../http/resource-id.js';
import { Documented } from '../openapi/documented.decorator.js';

@ApiTags('calibrations')
@Controller('v1/calibrations')
export class CalibrationsController {
  constructor(private readonly calibrations: CalibrationService) {}

  @Post()
  @Allows('member')
  @ChangesNothing(200)
  @Creates(201, {
    id: 'createCalibration',
    summary: 'Choose one pruning ratio per operating point from a latency table',
    answers: {
      200: { description: 'a preview: nothing is stored', schema: CalibrationPreview },
      201: {
        description: 'the calibration, stored: with `save: true`',
        schema: Calibration,
        headers: LOCATION,
      },
    },
    problems: ['latency_table_unusable'],
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body({ schema: CreateCalibration }) body: CreateCalibration,
    @ForNew() newId: NewId,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Calibration | CalibrationPreview> {
    const calibration = await madeOnce<Calibration | CalibrationPreview>(
      newId,
      (id) => this.calibrations.get(actor, id),
      (id) => this.calibrations.create(actor, body, id),
    );
    if ('id' in calibration) response.location(`/v1/calibrations/${calibration.id}`);
    else response.status(200);
    return calibration;
  }

  @Get(':id')
  @Allows('viewer')
  @Immutable()
  @Documented({
    id: 'getCalibration',
    summary: 'Read a calibration',
    answers: {
      200: { description: 'the calibration', schema: Calibration, headers: VALIDATOR },
      304: NOT_MODIFIED,
    },
    problems: ['not_found'],
  })
  get(@CurrentActor() actor: Actor, @ResourceId('calibration') id: string): Promise<Calibration> {
    return this.calibrations.get(actor, id);
  }
}
