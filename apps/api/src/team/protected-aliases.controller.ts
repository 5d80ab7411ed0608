import { Body, Controller, Delete, Get, HttpCode, Param, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ProtectAlias, ProtectedAlias, ProtectedAliases as Answer, type Actor } from '#contracts';
import { ProtectedAliases, requireAliasName } from '#registry';
import { Allows } from '../access/allows.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { ResourceAlias } from '../http/resource-id.js';
import { BODY_PROBLEMS, Documented } from '../openapi/documented.decorator.js';

/** Who may move which aliases. */
@ApiTags('team')
@Controller('v1/team/protected-aliases')
export class ProtectedAliasesController {
  constructor(private readonly protection: ProtectedAliases) {}

  @Get()
  @Allows('viewer')
  @Documented({
    id: 'listProtectedAliases',
    summary: 'Read which role moves which aliases, in all models of the team',
    description: 'Aliases that are not listed are moved by members.',
    answers: { 200: { description: 'by name', schema: Answer } },
  })
  async list(@CurrentActor() actor: Actor): Promise<Answer> {
    return { items: await this.protection.list(actor) };
  }

  @Put(':alias')
  @Allows('admin')
  @Documented({
    id: 'protectAlias',
    summary: 'Say which role moves aliases of a name',
    answers: { 200: { description: 'what holds from now on', schema: ProtectedAlias } },
    problems: BODY_PROBLEMS,
  })
  set(
    @CurrentActor() actor: Actor,
    @Param('alias') alias: string,
    @Body({ schema: ProtectAlias }) { role }: ProtectAlias,
  ): Promise<ProtectedAlias> {
    requireAliasName(alias);
    return this.protection.set(actor, alias, role);
  }

  @Delete(':alias')
  @Allows('admin')
  @HttpCode(204)
  @Documented({
    id: 'unprotectAlias',
    summary: 'Go back to what holds where a team has said nothing',
    description: 'That is `admin` for `production`, and `member` for every other alias.',
    answers: { 204: { description: 'done' } },
    problems: ['not_found'],
  })
  clear(@CurrentActor() actor: Actor, @ResourceAlias() alias: string): Promise<void> {
    return this.protection.clear(actor, alias);
  }
}
