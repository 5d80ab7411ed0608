import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  LatencyTable,
  ListLatencyTables,
  SampledLatencyCell,
  type Actor,
  type LatencyTableHeader,
  type Page,
} from '#contracts';
import { LatencyTables } from '#devices';
import { Allows } from '../access/allows.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { Immutable, NOT_MODIFIED, VALIDATOR } from '../http/immutable.decorator.js';
import { ResourceId, ResourceIndex } from '../http/resource-id.js';
import { LatencyTablePage } from '../openapi/components.js';
import { Documented } from '../openapi/documented.decorator.js';

@ApiTags('latency tables')
@Controller('v1/latency-tables')
export class LatencyTablesController {
  constructor(private readonly tables: LatencyTables) {}

  @Get()
  @Allows('viewer')
  @Documented({
    id: 'listLatencyTables',
    summary: 'List latency tables without their cells, newest first',
    answers: { 200: { description: 'a page of latency tables', schema: LatencyTablePage } },
    problems: ['invalid_request'],
  })
  list(
    @CurrentActor() actor: Actor,
    @Query({ schema: ListLatencyTables }) query: ListLatencyTables,
  ): Promise<Page<LatencyTableHeader>> {
    return this.tables.list(actor, query);
  }

  @Get(':id')
  @Allows('viewer')
  @Immutable()
  @Documented({
    id: 'getLatencyTable',
    summary: 'Read a latency table with the summary and the provenance of every cell',
    answers: {
      200: { description: 'the latency table', schema: LatencyTable, headers: VALIDATOR },
      304: NOT_MODIFIED,
    },
    problems: ['not_found'],
  })
  get(@CurrentActor() actor: Actor, @ResourceId('latency table') id: string): Promise<LatencyTable> {
    return this.tables.get(actor, id);
  }

  @Get(':id/cells/:index')
  @Allows('viewer')
  @Immutable()
  @Documented({
    id: 'getLatencyCell',
    summary: 'Read one cell of a latency table with its samples',
    answers: {
      200: { description: 'the cell', schema: SampledLatencyCell, headers: VALIDATOR },
      304: NOT_MODIFIED,
    },
    problems: ['not_found'],
  })
  cell(
    @CurrentActor() actor: Actor,
    @ResourceId('latency table') id: string,
    @ResourceIndex('index', 'cell') index: number,
  ): Promise<SampledLatencyCell> {
    return this.tables.cell(actor, id, index);
  }
}
