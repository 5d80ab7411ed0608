import type { Job, JobStage } from '#contracts';

/**
 * Where in its life a job was seen. What is done about it as it was then says so, and does nothing to a job that is anywhere else by
 * the time it is done: whoever did it may have been asleep meanwhile.
 */
export interface JobPlace {
  readonly stage: JobStage;
  readonly attempt: number;
  readonly generation: number;
  /** Of verification, that are over. */
  readonly rounds: number;
}

type Placed = Pick<Job, 'stage' | 'attempt' | 'generation' | 'verification'>;

export function placeOf({ stage, attempt, generation, verification }: Placed): JobPlace {
  return { stage, attempt, generation, rounds: verification?.rounds ?? 0 };
}

export function isAt(job: Job, { stage, attempt, generation, rounds }: JobPlace): boolean {
  const now = placeOf(job);
  const isInRound = now.generation === generation && now.rounds === rounds;
  return now.stage === stage && now.attempt === attempt && isInRound;
}
