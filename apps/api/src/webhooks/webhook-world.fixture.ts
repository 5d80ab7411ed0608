import { pino } from 'pino';
import { CreateWebhook, type Actor, type NewWebhook, type WebhookDelivery } from '#contracts';
import { transition } from '#jobs';
import { storedRegistry, testStorage, type TestStorage } from '#testkit';
import { openWebhooks, type Webhooks } from './open-webhooks.js';
import { Receiver } from './receiver.fixture.js';

/** Webhooks over a real database and real HTTP, with a clock that a test moves. */
export class WebhookWorld {
  readonly clock = { now: new Date() };
  private readonly receivers: Receiver[] = [];

  private constructor(readonly store: TestStorage) {}

  static async open(): Promise<WebhookWorld> {
    return new WebhookWorld(await testStorage());
  }

  /** As one of several API processes has them. */
  process(timeoutMs = 5_000): Webhooks {
    const options = { allowPrivateAddresses: true, logger: pino({ level: 'silent' }), timeoutMs };
    return openWebhooks(this.store.storage, { ...options, now: () => this.clock.now });
  }

  later(ms: number): void {
    this.clock.now = new Date(this.clock.now.getTime() + ms);
  }

  async receiver(): Promise<Receiver> {
    const receiver = await Receiver.open();
    this.receivers.push(receiver);
    return receiver;
  }

  subscribe(url: string, events: CreateWebhook['events'] = 'all'): Promise<NewWebhook> {
    return this.process().service.create(this.store.actor, CreateWebhook.parse({ url, events }));
  }

  /** A worker begins a job of its own, which is one event: job.running. */
  async beginJob(actor: Actor = this.store.actor): Promise<string> {
    const { jobId } = await storedRegistry(this.store.storage).newJob(actor);
    const begun = { type: 'begun', stage: 'train', generation: 0 } as const;
    await this.store.storage.jobs.update(jobId, (job) => transition(job, begun, this.clock.now));
    return jobId;
  }

  async beginJobs(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.beginJob();
  }

  async deliveries({ id }: { id: string }): Promise<WebhookDelivery[]> {
    const page = await this.store.storage.webhooks.listDeliveries(this.store.actor, id, { limit: 200 });
    return page.items;
  }

  async close(): Promise<void> {
    for (const receiver of this.receivers) receiver.close();
    await this.store.close();
  }
}
