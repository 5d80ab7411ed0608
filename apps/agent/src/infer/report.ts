import type { Inference, Switch } from '#edge';
import type { LatencyGroup } from './latency-groups.js';

/** What `infer` says, a line each. */
export interface Report {
  run(inference: Inference): string;
  switched(made: Switch): string;
  updated(): string;
  summary(groups: readonly LatencyGroup[]): string;
}

const line = (event: string, fields: object): string => `${JSON.stringify({ event, ...fields })}\n`;

export const jsonReport: Report = {
  run: ({ operatingPoint, ratio, latencyMs, logits }) =>
    line('run', { operatingPoint, ratio, latencyMs, topClass: topOf(logits) }),
  switched: (made) => line('switch', made),
  updated: () => line('update', {}),
  summary: (points) => line('summary', { points }),
};

export const textReport: Report = {
  run: ({ operatingPoint, ratio, latencyMs, logits }) =>
    `${operatingPoint}  ratio ${ratio}  ${ms(latencyMs)}  class ${topOf(logits)}\n`,
  switched: ({ from, to, ratio, tookMs }) =>
    `switched from ${from} to ${to}: ratio ${ratio}, in ${ms(tookMs)}\n`,
  updated: () => 'the folder has changed and is taken in\n',
  summary: (groups) =>
    groups
      .map(
        ({ operatingPoint, ratio, count, p50Ms, p99Ms }) =>
          `summary: ${operatingPoint}  ratio ${ratio}  ${count} runs  p50 ${ms(p50Ms)}  p99 ${ms(p99Ms)}\n`,
      )
      .join(''),
};

const ms = (value: number): string => `${value.toFixed(3)} ms`;

/** Of the largest logit. */
const topOf = (logits: Float32Array): number =>
  logits.reduce((best, value, index) => (value > logits[best]! ? index : best), 0);
