import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { LatencyTable, type Actor } from '#contracts';
import { LatencyTables } from '#devices';
import { CurrentActor } from '../http/actor.guard.js';
import { Immutable, NOT_MODIFIED, VALIDATOR } from '../http/immutable.decorator.js';
import { ResourceId } from '../http/resource-id.js';
import { Documented } from '../openapi/documented.decorator.js';

@ApiTags('measuring')
@Controller('v1/latency-tables')
export class LatencyTablesController {
  constructor(private readonly tables: LatencyTables) {}

  @Get(':id')
  @Immutable()
  @Documented({
    id: 'getLatencyTable',
    summary: 'Read a latency table with all samples and their provenance',
    answers: {
      200: { description: 'the latency table', schema: LatencyTable, headers: VALIDATOR },
      304: NOT_MODIFIED,
    },
    problems: ['not_found'],
  })
  get(@CurrentActor() actor: Actor, @ResourceId('latency table') id: string): Promise<LatencyTable> {
    return this.tables.get(actor, id);
  }
}
