import { Body, Controller, Delete, Get, Header, HttpCode, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import {
  CreateWebhook,
  NewWebhook,
  PageQuery,
  RotateWebhookSecret,
  UpdateWebhook,
  Webhook,
  WebhookTestResult,
  type Actor,
  type Page,
} from '#contracts';
import { WebhookService } from '#webhooks';
import { Allows } from '../access/allows.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { LOCATION } from '../http/creates.decorator.js';
import { etagOf, IF_MATCH, IfMatchRevision, type Precondition } from '../http/if-match.js';
import { NOT_MODIFIED, VALIDATOR } from '../http/immutable.decorator.js';
import { ResourceId } from '../http/resource-id.js';
import { WebhookPage } from '../openapi/components.js';
import { BODY_PROBLEMS, Documented } from '../openapi/documented.decorator.js';

@ApiTags('webhooks')
@Controller('v1/webhooks')
export class WebhooksController {
  constructor(private readonly webhooks: WebhookService) {}

  // Without Idempotency-Key: an answer that can be given again would have to be kept, and the secret with it.
  @Post()
  @Allows('admin')
  @HttpCode(201)
  @Header('Cache-Control', 'no-store')
  @Documented({
    id: 'createWebhook',
    summary: 'Have events posted to a URL',
    description: 'No other answer but that of a rotation has the secret.',
    answers: {
      201: { description: 'the webhook', schema: NewWebhook, headers: { ...LOCATION, ...VALIDATOR } },
    },
    problems: BODY_PROBLEMS,
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body({ schema: CreateWebhook }) body: CreateWebhook,
    @Res({ passthrough: true }) response: Response,
  ): Promise<NewWebhook> {
    const webhook = await this.webhooks.create(actor, body);
    response.location(`/v1/webhooks/${webhook.id}`);
    return tagged(webhook, response);
  }

  @Get()
  @Allows('viewer')
  @Documented({
    id: 'listWebhooks',
    summary: 'List webhooks, newest first',
    answers: { 200: { description: 'a page of webhooks', schema: WebhookPage } },
    problems: ['invalid_request'],
  })
  list(@CurrentActor() actor: Actor, @Query({ schema: PageQuery }) query: PageQuery): Promise<Page<Webhook>> {
    return this.webhooks.list(actor, query);
  }

  @Get(':id')
  @Allows('viewer')
  @Documented({
    id: 'getWebhook',
    summary: 'Read a webhook and whether it is enabled',
    answers: {
      200: { description: 'the webhook without its secret', schema: Webhook, headers: VALIDATOR },
      304: NOT_MODIFIED,
    },
    problems: ['not_found'],
  })
  async get(
    @CurrentActor() actor: Actor,
    @ResourceId('webhook') id: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Webhook> {
    return tagged(await this.webhooks.get(actor, id), response);
  }

  @Patch(':id')
  @Allows('admin')
  @Documented({
    id: 'updateWebhook',
    summary: 'Change a webhook, disable it or enable it again',
    answers: { 200: { description: 'the webhook', schema: Webhook, headers: VALIDATOR } },
    problems: [...BODY_PROBLEMS, 'not_found', 'precondition_failed'],
    headers: IF_MATCH,
  })
  async update(
    @CurrentActor() actor: Actor,
    @ResourceId('webhook') id: string,
    @Body({ schema: UpdateWebhook }) body: UpdateWebhook,
    @IfMatchRevision() check: Precondition<Webhook> | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Webhook> {
    return tagged(await this.webhooks.update(actor, id, body, check), response);
  }

  @Delete(':id')
  @Allows('admin')
  @HttpCode(204)
  @Documented({
    id: 'deleteWebhook',
    summary: 'Delete a webhook with its deliveries, pending ones too',
    answers: { 204: { description: 'gone' } },
    problems: ['invalid_request', 'not_found', 'precondition_failed'],
    headers: IF_MATCH,
  })
  delete(
    @CurrentActor() actor: Actor,
    @ResourceId('webhook') id: string,
    @IfMatchRevision() check: Precondition<Webhook> | undefined,
  ): Promise<void> {
    return this.webhooks.delete(actor, id, check);
  }

  @Post(':id/test')
  @Allows('admin')
  @HttpCode(200)
  @Documented({
    id: 'testWebhook',
    summary: 'Post an event of the type `webhook.test` once and tell what the receiver says',
    answers: { 200: { description: 'what the receiver said', schema: WebhookTestResult } },
    problems: ['not_found'],
  })
  test(@CurrentActor() actor: Actor, @ResourceId('webhook') id: string): Promise<WebhookTestResult> {
    return this.webhooks.test(actor, id);
  }

  @Post(':id/rotate-secret')
  @Allows('admin')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @Documented({
    id: 'rotateWebhookSecret',
    summary: 'Give a webhook another secret; the one before signs too for a while',
    answers: {
      200: { description: 'the webhook with its new secret', schema: NewWebhook, headers: VALIDATOR },
    },
    problems: [...BODY_PROBLEMS, 'not_found'],
  })
  async rotateSecret(
    @CurrentActor() actor: Actor,
    @ResourceId('webhook') id: string,
    @Body({ schema: RotateWebhookSecret }) body: RotateWebhookSecret,
    @Res({ passthrough: true }) response: Response,
  ): Promise<NewWebhook> {
    return tagged(await this.webhooks.rotateSecret(actor, id, body), response);
  }
}

function tagged<T extends Webhook>(webhook: T, response: Response): T {
  response.set('ETag', etagOf(webhook));
  return webhook;
}
