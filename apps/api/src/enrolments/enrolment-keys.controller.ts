import { Body, Controller, Delete, Get, Header, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import {
  CreateEnrolmentKey,
  EnrolmentKey,
  NewEnrolmentKey,
  PageQuery,
  type Actor,
  type Page,
} from '#contracts';
import { EnrolmentService } from '#devices';
import { Allows } from '../access/allows.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { LOCATION } from '../http/creates.decorator.js';
import { IF_MATCH, IfMatch, type Precondition } from '../http/if-match.js';
import { VALIDATOR } from '../http/immutable.decorator.js';
import { ResourceId } from '../http/resource-id.js';
import { EnrolmentKeyPage } from '../openapi/components.js';
import { BODY_PROBLEMS, Documented } from '../openapi/documented.decorator.js';

@ApiTags('devices')
@Controller('v1/enrolment-keys')
export class EnrolmentKeysController {
  constructor(private readonly enrolments: EnrolmentService) {}

  // Without Idempotency-Key: an answer that can be given again would have to be kept, and the key with it.
  @Post()
  @Allows('admin')
  @HttpCode(201)
  @Header('Cache-Control', 'no-store')
  @Documented({
    id: 'createEnrolmentKey',
    summary: 'Make a key with which agents register devices',
    description: 'The answer is the only one that has the key itself.',
    answers: { 201: { description: 'the key', schema: NewEnrolmentKey, headers: LOCATION } },
    problems: [...BODY_PROBLEMS, 'already_exists'],
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body({ schema: CreateEnrolmentKey }) body: CreateEnrolmentKey,
    @Res({ passthrough: true }) response: Response,
  ): Promise<NewEnrolmentKey> {
    const key = await this.enrolments.createKey(actor, body);
    response.location(`/v1/enrolment-keys/${key.id}`);
    return key;
  }

  @Get()
  @Allows('admin')
  @Documented({
    id: 'listEnrolmentKeys',
    summary: 'List enrolment keys, newest first',
    answers: { 200: { description: 'a page of enrolment keys', schema: EnrolmentKeyPage } },
    problems: ['invalid_request'],
  })
  list(
    @CurrentActor() actor: Actor,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<EnrolmentKey>> {
    return this.enrolments.listKeys(actor, query);
  }

  @Get(':id')
  @Allows('admin')
  @Documented({
    id: 'getEnrolmentKey',
    summary: 'Read what an enrolment key allows and how often it was used',
    answers: { 200: { description: 'the key without its secret', schema: EnrolmentKey, headers: VALIDATOR } },
    problems: ['not_found'],
  })
  get(@CurrentActor() actor: Actor, @ResourceId('enrolment key') id: string): Promise<EnrolmentKey> {
    return this.enrolments.getKey(actor, id);
  }

  @Delete(':id')
  @Allows('admin')
  @HttpCode(204)
  @Documented({
    id: 'deleteEnrolmentKey',
    summary: 'Take an enrolment key back; devices enrolled with it stay',
    answers: { 204: { description: 'gone' } },
    problems: ['invalid_request', 'not_found', 'precondition_failed'],
    headers: IF_MATCH,
  })
  delete(
    @CurrentActor() actor: Actor,
    @ResourceId('enrolment key') id: string,
    @IfMatch() check: Precondition<EnrolmentKey> | undefined,
  ): Promise<void> {
    return this.enrolments.deleteKey(actor, id, check);
  }
}
