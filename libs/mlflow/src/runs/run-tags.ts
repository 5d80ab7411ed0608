import type { Job } from '#contracts';
import { keyOf, valueOf } from './mlflow-text.js';

/** Names the job that a run is of. */
export const JOB_TAG = 'isochron.jobId';
/** The newest event that is logged: it is written with what it tells of, and after it. */
export const SEQUENCE_TAG = 'isochron.sequence';

/** Labels of a job that become tags at most: MLflow takes no more than a hundred tags at once. */
const MAX_LABELS = 60;

/** What a run says of its job, as the job is now. */
export function runTags(job: Job, team: string): Record<string, string> {
  const { id, teamId, owner, model, version, candidate, pin } = job;
  const tags = {
    'mlflow.source.name': 'isochron',
    'mlflow.source.type': 'JOB',
    'mlflow.user': owner,
    [JOB_TAG]: id,
    'isochron.team': team,
    'isochron.teamId': teamId,
    'isochron.model': model,
    'isochron.stage': job.stage,
    'isochron.attempt': String(job.attempt),
    'isochron.ratios': job.ratios.length === 0 ? undefined : job.ratios.join(', '),
    'isochron.worker': job.worker?.name,
    'isochron.sweepId': job.sweepId,
    'isochron.deviceId': job.deviceId,
    'isochron.engine': pin && `${pin.executor} ${pin.provider}, ${pin.threads} threads`,
    'isochron.bundleDigest': candidate?.bundle.digest,
    'isochron.version': version === undefined ? undefined : String(version),
    'isochron.error': errorOf(job),
    ...labelTags(job),
  };
  const known = Object.entries(tags).filter((tag): tag is [string, string] => tag[1] !== undefined);
  return Object.fromEntries(known.map(([key, value]) => [key, valueOf(value)]));
}

/** Empty where there may be one from before somebody had the job tried again. */
function errorOf({ error, generation }: Job): string | undefined {
  if (error !== undefined) return `${error.code}: ${error.message}`;
  return generation > 0 ? '' : undefined;
}

function labelTags({ spec }: Job): Record<string, string> {
  const labels = Object.entries(spec.labels).slice(0, MAX_LABELS);
  return Object.fromEntries(labels.map(([key, value]) => [keyOf(`isochron.label.${key}`), value]));
}
