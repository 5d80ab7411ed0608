import type { JobState, Sweep, SweepChild, SweepHeader } from '#contracts';
import type { SweepRecord, SweptJob, SweptMember } from './sweep-record.js';
import type { SweepWithJobs } from './sweep-repository.port.js';

/** A sweep as users see it in a list. */
export function shownHeader(
  { members: _members, comparison: _comparison, ...shown }: SweepRecord,
  counts: Readonly<Partial<Record<JobState, number>>>,
): SweepHeader {
  return { ...shown, counts };
}

/** A sweep as users see it, with its jobs. */
export function shownSweep({ sweep, jobs }: SweepWithJobs): Sweep {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const counts: Partial<Record<JobState, number>> = {};
  for (const { state } of jobs) counts[state] = (counts[state] ?? 0) + 1;
  const children = sweep.members.map((member) => shownChild(member, byId.get(member.jobId)!));
  return { ...shownHeader(sweep, counts), children };
}

function shownChild({ jobId, values }: SweptMember, job: SweptJob): SweepChild {
  const { state, stage, attempt, held, version, error } = job;
  return { jobId, values, state, stage, attempt, held, version, error };
}
