import type { Transaction } from './database.js';

/** Channels of PostgreSQL's LISTEN and NOTIFY, with what a message on them carries. */
export const CHANNELS = {
  /** The id of a job that has new events. */
  jobEvents: 'isochron_job_events',
  /** The id of a job, or a sweep, with a message in the outbox. */
  outbox: 'isochron_outbox',
  /** The id of a sweep that has new events. */
  sweepEvents: 'isochron_sweep_events',
  /** The id of a device that has a new measuring task. */
  measuringTasks: 'isochron_measuring_tasks',
  /** Nothing: that something is to be delivered. */
  webhookDeliveries: 'isochron_webhook_deliveries',
  /** The id of a worker that changed, or nothing: that a limit did. */
  workers: 'isochron_workers',
} as const;

export type Channel = keyof typeof CHANNELS;

/** Tells listeners when, and only if, the transaction commits. */
export async function notify(tx: Transaction, channel: Channel, payload: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_notify(${CHANNELS[channel]}, ${payload})`;
}
