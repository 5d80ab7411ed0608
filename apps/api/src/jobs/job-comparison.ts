import { AppError, type Candidate, type Comparison, type Job } from '#contracts';

/** A comparison with what it is about. */
export interface JobComparison {
  readonly job: Job;
  readonly candidate: Candidate;
  readonly comparison: Comparison;
}

/** @throws AppError not_found saying whether the job asked for none, is not that far, or failed before it */
export function comparisonOf(job: Job): JobComparison {
  const { candidate, spec, state } = job;
  if (candidate?.comparison) return { job, candidate, comparison: candidate.comparison };
  if (spec.comparison === undefined) {
    throw new AppError(
      'not_found',
      `job "${job.id}" asked for no comparison: submit one with comparison.methods`,
    );
  }
  if (state === 'failed') {
    throw new AppError('not_found', `job "${job.id}" failed before its comparison was complete`);
  }
  throw new AppError(
    'not_found',
    `there is no comparison yet: job "${job.id}" is ${state}: it has none before all is trained`,
  );
}
