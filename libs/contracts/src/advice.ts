import type { ErrorCode } from './errors.js';

/** What to do about a job that failed, where the message alone does not say. */
const ADVICE = {
  dataset_unreadable: 'Register the dataset again under another name and submit a new job.',
  dataset_does_not_fit: 'Submit a new job with what the message names.',
  network_invalid: 'Submit a new job with a network that can be built for these images.',
  ratio_unreachable: 'Submit a new job with smaller ratios, or a smaller `minChannels` or `channelMultiple`.',
  training_diverged: 'Submit a new job with a lower learning rate, a warm-up, or gradients that are clipped.',
  training_crashed:
    'Retry the job: it goes on from its last checkpoint. Where that happens again, look into the log of the worker; a ' +
    'process that was killed has often run out of memory: smaller batches, or a worker with more of it, help.',
  engine_unavailable: 'Start a worker that has the engine, or submit a new job that names none.',
  latency_table_unusable: 'Measure more operating points or ratios, and submit a new job.',
  measuring_failed: 'See to the device and its agent, and retry the job: what was trained is kept.',
  artifact_corrupt: 'Look after the artifact storage; then retry the job.',
  unavailable: 'Retry the job once the part of the service that the message names answers again.',
  internal: 'Retry the job; where it fails again, report it with the log of the worker.',
} satisfies Partial<Record<ErrorCode, string>>;

/** Undefined where there is nothing to add to the message, and for codes of other versions of the service. */
export function adviceOn(code: string): string | undefined {
  return (ADVICE as Partial<Record<string, string>>)[code];
}
