import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ModelCard, LineageGraph, type Actor } from '#contracts';
import { VersionCards } from '#registry';
import { Allows } from '../access/allows.decorator.js';
import { chooseForm, JSON_OR_MARKDOWN, MarkdownQuery } from '../http/answer-form.js';
import { CurrentActor } from '../http/current-actor.js';
import { ResourceIndex, ResourceName } from '../http/resource-id.js';
import { Documented } from '../openapi/documented.decorator.js';
import { cardMarkdown } from './card-markdown.js';

@ApiTags('models')
@Controller('v1/models/:name/versions/:version')
export class VersionCardsController {
  constructor(private readonly cards: VersionCards) {}

  @Get('lineage')
  @Allows('viewer')
  @Documented({
    id: 'getLineage',
    summary: 'Read where a version comes from and where it runs, as a graph',
    description: 'What was deleted has a node that says so.',
    answers: { 200: { description: 'nodes and edges', schema: LineageGraph } },
    problems: ['not_found'],
  })
  lineage(
    @CurrentActor() actor: Actor,
    @ResourceName('model') model: string,
    @ResourceIndex('version', 'model version') version: number,
  ): Promise<LineageGraph> {
    return this.cards.lineage(actor, { model, version });
  }

  @Get('card')
  @Allows('viewer')
  @Documented({
    id: 'getModelCard',
    summary: 'Read the model card of a version',
    answers: {
      200: { description: 'the card', schema: ModelCard, alsoAs: [JSON_OR_MARKDOWN.markdown] },
    },
    problems: ['invalid_request', 'not_found'],
  })
  async card(
    @CurrentActor() actor: Actor,
    @ResourceName('model') model: string,
    @ResourceIndex('version', 'model version') version: number,
    @Query({ schema: MarkdownQuery }) { format }: MarkdownQuery,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ModelCard | string> {
    const card = await this.cards.card(actor, { model, version });
    const form = chooseForm({ request, response }, JSON_OR_MARKDOWN, format);
    return form === 'markdown' ? cardMarkdown(card) : card;
  }
}
