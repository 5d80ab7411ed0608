import { EventEmitter } from 'node:events';
import pg from 'pg';
import type { MeasuringWakeups } from '#devices';
import { postgresConnection } from '#runtime';
import type { JobWakeups, SweepWakeups, WorkerWakeups } from '#jobs';
import type { WebhookWakeups } from '#webhooks';
import { CHANNELS, type Channel } from './notify.js';

const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

/** Wake-ups over a connection of its own. When that breaks it is made again, and everyone is woken to look for themselves. */
export class PostgresWakeups
  implements JobWakeups, SweepWakeups, MeasuringWakeups, WebhookWakeups, WorkerWakeups
{
  private readonly emitter = new EventEmitter().setMaxListeners(0);
  private client: pg.Client | undefined;
  private retry: NodeJS.Timeout | undefined;
  private closed = false;

  private constructor(
    private readonly databaseUrl: string,
    private readonly onError: (error: Error) => void,
  ) {}

  /** @throws the connection's error when the server cannot be reached now. */
  static async open(databaseUrl: string, onError: (error: Error) => void): Promise<PostgresWakeups> {
    const wakeups = new PostgresWakeups(databaseUrl, onError);
    await wakeups.connect();
    return wakeups;
  }

  onJobEvents(jobId: string, listener: () => void): () => void {
    return this.on(`jobEvents ${jobId}`, listener);
  }

  onSweepEvents(sweepId: string, listener: () => void): () => void {
    return this.on(`sweepEvents ${sweepId}`, listener);
  }

  onOutbox(listener: () => void): () => void {
    return this.on('outbox', listener);
  }

  onMeasuringTask(deviceId: string, listener: () => void): () => void {
    return this.on(`measuringTasks ${deviceId}`, listener);
  }

  onWebhookDeliveries(listener: () => void): () => void {
    return this.on('webhookDeliveries', listener);
  }

  onWorker(workerId: string, listener: () => void): () => void {
    return this.on(`workers ${workerId}`, listener);
  }

  onWorkers(listener: () => void): () => void {
    return this.on('workers', listener);
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retry);
    this.emitter.removeAllListeners();
    await this.client?.end();
  }

  private on(topic: string, listener: () => void): () => void {
    this.emitter.on(topic, listener);
    return () => this.emitter.off(topic, listener);
  }

  private async connect(): Promise<void> {
    const client = new pg.Client({
      ...postgresConnection(this.databaseUrl),
      application_name: 'isochron wake-ups',
      connectionTimeoutMillis: LONGEST_RETRY_MS,
    });
    client.on('notification', ({ channel, payload }) => this.deliver(channel, payload ?? ''));
    client.on('error', this.onError);
    await client.connect();
    const channels = Object.values(CHANNELS).map((channel) => `LISTEN ${channel}`);
    try {
      await client.query(channels.join(';'));
    } catch (error) {
      await client.end();
      throw error;
    }
    if (this.closed) return client.end();
    this.client = client;
    client.once('end', () => this.reconnect(FIRST_RETRY_MS));
  }

  private deliver(channel: string, payload: string): void {
    for (const topic of ['outbox', 'webhookDeliveries', 'workers'] satisfies Channel[]) {
      if (channel === CHANNELS[topic]) this.emitter.emit(topic);
    }
    for (const topic of ['jobEvents', 'sweepEvents', 'measuringTasks', 'workers'] satisfies Channel[]) {
      if (channel === CHANNELS[topic]) this.emitter.emit(`${topic} ${payload}`);
    }
  }

  private reconnect(waitMs: number): void {
    this.client = undefined;
    if (this.closed) return;
    this.retry = setTimeout(() => {
      this.connect().then(
        () => this.wakeEveryone(),
        () => this.reconnect(Math.min(2 * waitMs, LONGEST_RETRY_MS)),
      );
    }, waitMs);
  }

  private wakeEveryone(): void {
    for (const topic of this.emitter.eventNames()) this.emitter.emit(topic);
  }
}
