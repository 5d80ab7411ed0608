import { Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ListWebhookDeliveries, WebhookDelivery, type Actor, type Page } from '#contracts';
import { WebhookService } from '#webhooks';
import { Allows } from '../access/allows.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { ResourceId, ResourceIdOf } from '../http/resource-id.js';
import { WebhookDeliveryPage } from '../openapi/components.js';
import { Documented } from '../openapi/documented.decorator.js';

@ApiTags('webhooks')
@Controller('v1/webhooks/:id/deliveries')
export class WebhookDeliveriesController {
  constructor(private readonly webhooks: WebhookService) {}

  @Get()
  @Allows('viewer')
  @Documented({
    id: 'listWebhookDeliveries',
    summary: 'List what was or is to be delivered, newest first',
    answers: { 200: { description: 'a page of deliveries', schema: WebhookDeliveryPage } },
    problems: ['invalid_request', 'not_found'],
  })
  list(
    @CurrentActor() actor: Actor,
    @ResourceId('webhook') id: string,
    @Query({ schema: ListWebhookDeliveries }) query: ListWebhookDeliveries,
  ): Promise<Page<WebhookDelivery>> {
    return this.webhooks.deliveries(actor, id, query);
  }

  @Post(':deliveryId/redeliver')
  @Allows('admin')
  @HttpCode(202)
  @Documented({
    id: 'redeliverWebhook',
    summary: 'Deliver an event once more',
    description:
      'Under the same `webhook-id`, with all attempts again; to a disabled webhook once it is enabled.',
    answers: { 202: { description: 'the delivery, pending', schema: WebhookDelivery } },
    problems: ['not_found'],
  })
  redeliver(
    @CurrentActor() actor: Actor,
    @ResourceId('webhook') id: string,
    @ResourceIdOf('deliveryId', 'webhook delivery') deliveryId: string,
  ): Promise<WebhookDelivery> {
    return this.webhooks.redeliver(actor, id, deliveryId);
  }
}
