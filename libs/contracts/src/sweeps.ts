import { z } from 'zod';
import { Audit, Id, Labels, Name, Timestamp } from './common.js';
import { JobPriority, JobStage, JobState } from './job-lifecycle.js';
import { JobError } from './jobs.js';
import {
  MAX_SWEEP_JOBS,
  memberFaults,
  SweepAxes,
  SweepBase,
  sweepMembers,
  sweepSize,
  SweepValues,
} from './sweep-axes.js';

/** What a sweep was asked to do, each field by itself. */
export const SweepSpec = z.strictObject({
  name: Name.optional(),
  base: SweepBase.describe('what all jobs have in common'),
  axes: SweepAxes,
  labels: Labels.default({}).describe('of every job'),
  priority: JobPriority.default(0),
  maxParallel: z
    .number()
    .int()
    .min(1)
    .max(MAX_SWEEP_JOBS)
    .optional()
    .describe('jobs that are at work at once, at most; default: as many as there are workers'),
});

/** Several jobs that differ in the values of axes, and are compared when all have ended. */
export const CreateSweep = SweepSpec.superRefine((sweep, context) => {
  const seen = new Set<string>();
  for (const { path, message } of faultsOf(sweep)) {
    const key = JSON.stringify([path, message]);
    if (!seen.has(key)) context.addIssue({ code: 'custom', path, message });
    seen.add(key);
  }
});
export type CreateSweep = z.infer<typeof CreateSweep>;
export type SweepSpec = CreateSweep;

type Fault = ReturnType<typeof memberFaults>[number];

function faultsOf(sweep: SweepSpec): Fault[] {
  const size = sweepSize(sweep.axes);
  if (Object.values(sweep.axes).every((axis) => axis === undefined)) {
    return [{ path: ['axes'], message: 'expected at least one axis' }];
  }
  if (size > MAX_SWEEP_JOBS) {
    return [
      { path: ['axes'], message: `expected at most ${MAX_SWEEP_JOBS} combinations; these are ${size}` },
    ];
  }
  const doubled = doublyGiven(sweep);
  if (doubled.length > 0) return doubled;
  return sweepMembers(sweep.axes).flatMap((member) => memberFaults(sweep, member));
}

/** Fields of the base that an axis gives too. */
function doublyGiven({ base, axes }: SweepSpec): Fault[] {
  const schedule = (['ratios', 'calibrationIds', 'profiles'] as const).find((axis) => axes[axis]);
  const given = (path: string[], value: unknown, axis: string | undefined): Fault[] =>
    value === undefined || axis === undefined
      ? []
      : [{ path: ['base', ...path], message: `expected none beside axes.${axis}` }];
  return [
    ...given(['ratios'], base.ratios, schedule),
    ...given(['calibrationId'], base.calibrationId, schedule),
    ...given(['profile'], base.profile, schedule),
    ...given(['training', 'method'], base.training.method, axes.methods && 'methods'),
    ...given(['training', 'seed'], base.training.seed, axes.seeds && 'seeds'),
  ];
}

export const SweepState = z
  .enum(['running', 'paused', 'succeeded', 'failed', 'cancelled'])
  .describe(
    'paused: no job is at work or waits for a worker, and not all have ended; succeeded: all jobs have; failed: some have, or ' +
      'all; cancelled: none failed, and some were cancelled',
  );
export type SweepState = z.infer<typeof SweepState>;

/** Nothing but a retry of its jobs, or that they are continued, changes a sweep in one of these. */
export const FINAL_SWEEP_STATES: readonly SweepState[] = ['succeeded', 'failed', 'cancelled'];

/** A sweep without its jobs. */
export const SweepHeader = Audit.extend({
  name: Name.optional(),
  state: SweepState,
  failed: z.enum(['some', 'all']).optional().describe('of its jobs, where any has'),
  counts: z.partialRecord(JobState, z.number().int()).describe('jobs by state'),
  spec: SweepSpec,
  finishedAt: Timestamp.optional(),
});
export type SweepHeader = z.infer<typeof SweepHeader>;

/** Where a job of a sweep stands. */
export const SweepChild = z.object({
  jobId: Id,
  values: SweepValues,
  state: JobState,
  stage: JobStage,
  attempt: z.number().int(),
  held: z.literal(true).optional().describe('until fewer jobs are at work'),
  version: z.number().int().optional(),
  error: JobError.optional(),
});
export type SweepChild = z.infer<typeof SweepChild>;

export const Sweep = SweepHeader.extend({
  children: z.array(SweepChild).describe('its jobs, in the order of the axes'),
});
export type Sweep = z.infer<typeof Sweep>;

/** What the event stream of a sweep carries; `id` of the SSE message is `sequence`, gapless from 1. */
export const SweepEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('job'),
    jobId: Id,
    state: JobState,
    stage: JobStage,
    attempt: z.number().int(),
    held: z.literal(true).optional(),
    version: z.number().int().optional(),
    error: JobError.optional(),
  }),
  z.object({ type: z.literal('state'), state: SweepState, failed: z.enum(['some', 'all']).optional() }),
]);
export type SweepEvent = z.infer<typeof SweepEvent>;
export interface StoredSweepEvent {
  sequence: number;
  at: string;
  event: SweepEvent;
}
