import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AuditLog } from '#access';
import { ListAuditLog, type Actor, type AuditEntry, type Page } from '#contracts';
import { Allows } from '../access/allows.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { AuditEntryPage } from '../openapi/components.js';
import { Documented } from '../openapi/documented.decorator.js';

@ApiTags('access')
@Controller('v1/audit-log')
export class AuditLogController {
  constructor(private readonly log: AuditLog) {}

  @Get()
  @Allows('admin')
  @Documented({
    id: 'listAuditLog',
    summary: 'List who changed what, newest first',
    description: 'Filters that are given must all hold.',
    answers: { 200: { description: 'a page of changes', schema: AuditEntryPage } },
    problems: ['invalid_request'],
  })
  list(
    @CurrentActor() actor: Actor,
    @Query({ schema: ListAuditLog }) query: ListAuditLog,
  ): Promise<Page<AuditEntry>> {
    return this.log.list(actor, query);
  }
}
