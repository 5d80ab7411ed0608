import { createParser, type EventSourceParser } from 'eventsource-parser';
import { FINAL_JOB_STATES, type JobState } from '#contracts';
import type { ApiClient } from './api-client.js';

/** What an attempt tells again until it is stored. */
const RECORDS = ['resumed', 'log', 'checkpoint'];

/** A job's events as a client sees them that connects again and again. */
export class FollowedEvents {
  readonly sequences: number[] = [];
  readonly states: JobState[] = [];
  /** Losses by series, as the `metrics` events brought them. */
  readonly losses = new Map<string, { firstStep: number; losses: number[] }[]>();
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
          series?: string;
          firstStep?: number;
          losses?: number[];
          at?: string;
        };
        if (RECORDS.includes(event ?? '')) this.records.push(JSON.stringify({ ...content, at: undefined }));
        if (event === 'state') this.states.push(content.state!);
        if (event !== 'metrics') return;
        const { series, firstStep, losses } = content;
        const batches = this.losses.get(series!) ?? [];
        this.losses.set(series!, [...batches, { firstStep: firstStep!, losses: losses! }]);
      },
    });
  }
}

/** Steps of a series one after the other; says where there is a gap or a double. */
export function seriesOf(batches: readonly { firstStep: number; losses: readonly number[] }[]): {
  losses: number[];
  faults: string[];
} {
  const losses: number[] = [];
  const faults: string[] = [];
  for (const batch of batches) {
    if (batch.firstStep !== losses.length + 1)
      faults.push(`step ${batch.firstStep} follows step ${losses.length}`);
    losses.push(...batch.losses);
  }
  return { losses, faults };
}
