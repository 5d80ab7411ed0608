import type { Job, JobState } from '#contracts';
import type { JobInput } from './job-input.js';

/** A step from one job to the next, as a walk over all states has found it. */
export interface FoundStep {
  readonly from: Job;
  readonly input: JobInput;
  readonly to: Job;
}

/** Where two jobs are in the same situation: counters and times aside. */
export function situationOf(job: Job): string {
  const { state, stage, until, deviceId, measuringTaskId, candidate, verification, calibrationId } = job;
  const held = job.held ?? false;
  return JSON.stringify([
    ...[state, held, stage, until, deviceId !== undefined, measuringTaskId !== undefined],
    ...[candidate !== undefined, verification?.rounds ?? 0, calibrationId !== undefined],
  ]);
}

/** Edges between states, without those that stay where they are. */
export function edgesOf(steps: readonly FoundStep[]): Set<`${JobState} --> ${JobState}`> {
  const moves = steps.filter(({ from, to }) => from.state !== to.state);
  return new Set(moves.map(({ from, to }) => `${from.state} --> ${to.state}` as const));
}
