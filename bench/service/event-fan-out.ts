import { startChild } from './child.js';
import type { FollowOrder, FollowResult } from './follow.process.js';
import { addJobs } from './add-jobs.js';
import { ACTOR, type RunningService } from './running-service.js';
import type { ServiceScale } from './scale.js';
import type { WriteOrder, WriteResult } from './write-events.process.js';

export interface FanOut {
  readonly delaysMs: readonly number[];
  readonly missed: number;
  readonly doubled: number;
  /** Events that clients got, and that the writer wrote. */
  readonly received: number;
  readonly written: WriteResult;
}

/**
 * Many clients follow a few jobs whose events a writer stores at a known rate, as workers do. Every client breaks its
 * connection once and goes on by Last-Event-ID.
 */
export async function eventFanOut(service: RunningService, scale: ServiceScale): Promise<FanOut> {
  const { url, headers, databaseUrl, artifactsUrl } = service;
  const { clients, eventsPerSecond, followSeconds: seconds } = scale;
  const jobIds = await addJobs(service, scale.followedJobs, () => ({ state: 'queued' }));
  const follow: FollowOrder = { url, headers, jobIds, clients };
  const followers = startChild<FollowResult>('follow', follow);
  await followers.ready;
  const write: WriteOrder = { databaseUrl, artifactsUrl, jobIds, eventsPerSecond, seconds };
  const written = await startChild<WriteResult>('write-events', write).result;
  const { streams, delaysMs } = await followers.result;
  const stored = await storedEvents(service, jobIds);
  const missedOf = (stream: (typeof streams)[number]) =>
    stream.missed + stored.get(stream.jobId)! - stream.last;
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const missed = sum(streams.map(missedOf));
  const doubled = sum(streams.map((stream) => stream.doubled));
  const received = sum(streams.map(({ jobId }) => stored.get(jobId)!)) - missed;
  return { delaysMs, missed, doubled, received, written };
}

/** How many events every job has. */
async function storedEvents(
  { storage }: RunningService,
  jobIds: readonly string[],
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const jobId of jobIds) {
    const events = await storage.jobs.eventsAfter(ACTOR, jobId, 0, 1_000_000);
    counts.set(jobId, events.length);
  }
  return counts;
}
