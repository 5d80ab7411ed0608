import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiKeyService, TeamService } from '#access';
import { Me, type Caller } from '#contracts';
import { Allows } from '../access/allows.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { Documented } from '../openapi/documented.decorator.js';

@ApiTags('access')
@Controller('v1/me')
export class MeController {
  constructor(
    private readonly keys: ApiKeyService,
    private readonly teams: TeamService,
  ) {}

  @Get()
  @Allows('viewer', { worker: true, device: 'itself' })
  @Documented({
    id: 'getMe',
    summary: 'Read which team, role and key the request has',
    answers: { 200: { description: 'the key of the request and its team', schema: Me } },
  })
  async get(@CurrentActor() caller: Caller): Promise<Me> {
    return { team: await this.teams.of(caller), key: await this.keys.get(caller, caller.keyId) };
  }
}
