import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { FINAL_JOB_STATES, type JobState } from '#contracts';
import { SeenJob, type ApiClient } from './api-client.js';
import { Batch, FollowedEvents, seriesOf, type Series } from './followed-events.js';

/** What a job left behind, and everything that is wrong about it. */
export interface TrainedJob {
  readonly job: SeenJob;
  /** SHA-256 of all trained tensors. */
  readonly weights: string;
  readonly metrics: ReadonlyMap<string, Series>;
  readonly events: number;
  readonly faults: readonly string[];
}

const Batches = z.object({
  items: z.array(Batch),
  nextCursor: z.string().optional(),
});

/** Follows a job to its end and looks at what there is then. */
export async function awaitJob(client: ApiClient, jobId: string): Promise<TrainedJob> {
  const events = await new FollowedEvents().follow(client, jobId);
  const job = SeenJob.parse(await client.get(`/v1/jobs/${jobId}`));
  const faults = [
    ...sequenceFaults(events.sequences),
    ...finalFaults(events.states),
    ...recordFaults(events.records),
  ];
  if (job.state !== 'succeeded') faults.push(`ended ${job.state}: ${JSON.stringify(job.error)}`);
  const stored = await storedMetrics(client, jobId);
  const metrics = new Map<string, Series>();
  for (const [series, batches] of stored) {
    const found = seriesOf(batches);
    metrics.set(series, found.series);
    faults.push(...found.faults.map((fault) => `metrics ${series}: ${fault}`));
    const streamed = seriesOf(events.metrics.get(series) ?? []);
    faults.push(...streamed.faults.map((fault) => `streamed metrics ${series}: ${fault}`));
    if (!isDeepStrictEqual(streamed.series, found.series))
      faults.push(`metrics ${series}: stream and pages differ`);
  }
  const digest = job.candidate?.bundle.digest;
  const weights = digest === undefined ? 'none' : weightsIn(await client.bytes(`/v1/artifacts/${digest}`));
  return { job, weights, metrics, events: events.sequences.length, faults };
}

async function storedMetrics(client: ApiClient, jobId: string) {
  const bySeries = new Map<string, Batch[]>();
  let cursor = '0';
  for (;;) {
    const page = Batches.parse(await client.get(`/v1/jobs/${jobId}/metrics?cursor=${cursor}`));
    for (const batch of page.items)
      bySeries.set(batch.series, [...(bySeries.get(batch.series) ?? []), batch]);
    if (page.nextCursor === undefined) return bySeries;
    cursor = page.nextCursor;
  }
}

function sequenceFaults(sequences: readonly number[]): string[] {
  return sequences.flatMap((sequence, i) =>
    sequence === i + 1 ? [] : [`event ${sequence} came where ${i + 1} was to come`],
  );
}

function finalFaults(states: readonly JobState[]): string[] {
  const ends = states.filter((state) => FINAL_JOB_STATES.includes(state));
  return ends.length === 1 ? [] : [`ended ${ends.length} times: ${ends.join(', ')}`];
}

/** No attempt tells two things that are the same in every word and number. */
function recordFaults(records: readonly string[]): string[] {
  return records.filter((one, i) => records.indexOf(one) < i).map((one) => `told twice: ${one}`);
}

/** Of a safetensors file everything but its metadata, which names the job. */
function weightsIn(file: Uint8Array): string {
  const bytes = Buffer.from(file);
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes)) as Record<string, unknown>;
  const tensors = Object.entries(header).filter(([name]) => name !== '__metadata__');
  return createHash('sha256')
    .update(JSON.stringify(tensors))
    .update(bytes.subarray(8 + headerBytes))
    .digest('hex');
}
