import { isGpuProvider, type Job, type JobStage } from '#contracts';

/** Stages that compute on datasets, for hours: what workers are chosen, and teams are limited, by. */
export const TRAINING_STAGES = ['train', 'adjust', 'derive'] as const;

export type TrainingStage = (typeof TRAINING_STAGES)[number];

export function isTrainingStage(stage: JobStage): stage is TrainingStage {
  return TRAINING_STAGES.some((each) => each === stage);
}

/**
 * Whether only a worker with a graphics card can train the job: its pin, its engine or its requirements say so. The queries in
 * deploy/kubernetes/components/autoscaling-keda say the same.
 */
export function needsGpu({ pin, spec }: Pick<Job, 'pin' | 'spec'>): boolean {
  const provider = pin?.provider ?? spec.training.engine?.provider;
  return provider === undefined ? spec.requires?.device === 'gpu' : isGpuProvider(provider);
}
