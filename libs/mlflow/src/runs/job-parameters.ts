import type { Job } from '#contracts';
import { keyOf, valueOf } from './mlflow-text.js';

/** What MLflow shows better otherwise: labels are tags. */
const LEFT_OUT = new Set(['labels']);
/** Shown as JSON and not taken apart: a network of a hundred layers would be a thousand params. */
const WHOLE = new Set(['network.description']);

/** The request of a job as MLflow's params, `training.batchSize` and the like. It never changes, as params must not. */
export function jobParameters({ spec }: Pick<Job, 'spec'>): Record<string, string> {
  return Object.fromEntries(flattened(spec, '').map(([name, value]) => [keyOf(name), valueOf(value)]));
}

function flattened(value: object, prefix: string): [string, string][] {
  return Object.entries(value).flatMap(([key, part]: [string, unknown]) => {
    const name = prefix + key;
    if (part === undefined || LEFT_OUT.has(name)) return [];
    const isTakenApart =
      typeof part === 'object' && part !== null && !Array.isArray(part) && !WHOLE.has(name);
    if (isTakenApart) return flattened(part, `${name}.`);
    return [[name, typeof part === 'string' ? part : JSON.stringify(part)]];
  });
}
