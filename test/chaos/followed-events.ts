import { createParser, type EventSourceParser } from 'eventsource-parser';
import { z } from 'zod';
import { FINAL_JOB_STATES, type JobState } from '#contracts';
import type { ApiClient } from './api-client.js';

/** As events and pages have it. */
export const Batch = z.object({
  series: z.string(),
  firstStep: z.number(),
  losses: z.array(z.number()),
  evaluation: z
    .object({
      epoch: z.number(),
      ratios: z.array(z.object({ ratio: z.number(), accuracy: z.number() })),
    })
    .optional(),
});
export type Batch = z.infer<typeof Batch>;

/** Of a training's phase. */
export interface Series {
  readonly losses: readonly number[];
  /** By epoch, in words. */
  readonly accuracies: readonly string[];
}

/** What an attempt tells again until it is stored. */
const RECORDS = ['resumed', 'log', 'checkpoint'];

/** A job's events as a client sees them that connects again and again. */
export class FollowedEvents {
  readonly sequences: number[] = [];
  readonly states: JobState[] = [];
  /** By series, as the `metrics` events brought them. */
  readonly metrics = new Map<string, Batch[]>();
  /** Each with its attempt. */
  readonly records: string[] = [];
  private parser = this.newParser();

  async follow(client: ApiClient, jobId: string): Promise<this> {
    const take = (text: string) => {
      this.parser.feed(text);
      return this.isOver;
    };
    const last = () => {
      this.parser = this.newParser(); // half an event of a broken stream is no event
      return this.sequences.at(-1) ?? 0;
    };
    await client.follow(`/v1/jobs/${jobId}/events`, take, last);
    return this;
  }

  private get isOver(): boolean {
    return this.states.slice(-1).some((state) => FINAL_JOB_STATES.includes(state));
  }

  private newParser(): EventSourceParser {
    return createParser({
      onEvent: ({ id, event, data }) => {
        this.sequences.push(Number(id));
        const content = JSON.parse(data) as {
          state?: JobState;
          at?: string;
        };
        if (RECORDS.includes(event ?? '')) this.records.push(JSON.stringify({ ...content, at: undefined }));
        if (event === 'state') this.states.push(content.state!);
        if (event !== 'metrics') return;
        const batch = Batch.parse(content);
        this.metrics.set(batch.series, [...(this.metrics.get(batch.series) ?? []), batch]);
      },
    });
  }
}

/** What the steps of a series were measured to be, one after the other; says where there is a gap or a double. */
export function seriesOf(batches: readonly Batch[]): { series: Series; faults: string[] } {
  const losses: number[] = [];
  const accuracies: string[] = [];
  const faults: string[] = [];
  for (const batch of batches) {
    if (batch.firstStep !== losses.length + 1)
      faults.push(`step ${batch.firstStep} follows step ${losses.length}`);
    losses.push(...batch.losses);
    if (batch.evaluation === undefined) continue;
    const { epoch, ratios } = batch.evaluation;
    if (epoch !== accuracies.length + 1) faults.push(`epoch ${epoch} follows epoch ${accuracies.length}`);
    accuracies.push(ratios.map(({ ratio, accuracy }) => `${ratio}: ${accuracy}`).join());
  }
  return { series: { losses, accuracies }, faults };
}
