import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { CompareVersionsQuery, VersionComparison, type Actor, type VersionReference } from '#contracts';
import { VersionCards } from '#registry';
import { Allows } from '../access/allows.decorator.js';
import { chooseForm, JSON_OR_MARKDOWN, MarkdownQuery } from '../http/answer-form.js';
import { invalidRequest } from '../http/contract.pipe.js';
import { CurrentActor } from '../http/current-actor.js';
import { ResourceName } from '../http/resource-id.js';
import { Documented } from '../openapi/documented.decorator.js';
import { versionComparisonMarkdown } from './version-comparison-markdown.js';

const ComparisonQuery = CompareVersionsQuery.extend(MarkdownQuery.shape);
type ComparisonQuery = CompareVersionsQuery & MarkdownQuery;

@ApiTags('models')
@Controller('v1/models/:name/comparison')
export class VersionComparisonController {
  constructor(private readonly cards: VersionCards) {}

  @Get()
  @Allows('viewer')
  @Documented({
    id: 'compareVersions',
    summary: 'Set versions side by side: of one model, or of several',
    answers: {
      200: {
        description: 'the versions in the order asked for; the first is what the others are held to',
        schema: VersionComparison,
        alsoAs: [JSON_OR_MARKDOWN.markdown],
      },
    },
    problems: ['invalid_request', 'not_found'],
  })
  async compare(
    @CurrentActor() actor: Actor,
    @ResourceName('model') model: string,
    @Query({ schema: ComparisonQuery }) { versions, format }: ComparisonQuery,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<VersionComparison | string> {
    const comparison = await this.cards.comparison(actor, referencesIn(versions, model));
    const form = chooseForm({ request, response }, JSON_OR_MARKDOWN, format);
    return form === 'markdown' ? versionComparisonMarkdown(comparison) : comparison;
  }
}

/** @throws AppError invalid_request for a version that is named twice */
function referencesIn(versions: string, model: string): VersionReference[] {
  const references = versions.split(',').map((text) => {
    const [number, name = model] = text.split('/').reverse();
    return { model: name, version: Number(number) };
  });
  const names = references.map((reference) => `${reference.model}/${reference.version}`);
  if (new Set(names).size === names.length) return references;
  throw invalidRequest([{ field: 'versions', value: versions, expected: 'different versions' }]);
}
