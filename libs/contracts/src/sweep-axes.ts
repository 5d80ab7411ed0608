import { z } from 'zod';
import { Id } from './common.js';
import { fieldPath } from './field-errors.js';
import { CreateJob, JobFields, RatioSchedule } from './jobs.js';
import { ProfileRequest } from './profile-request.js';
import { TrainingFields } from './training.js';

/** Jobs of one sweep at most. */
export const MAX_SWEEP_JOBS = 64;

const { method: Methods, seed: Seeds } = TrainingFields.shape;
const SweptMethod = Methods.unwrap();
const Seed = Seeds.unwrap();

const axisOf = <T extends z.ZodType>(value: T) =>
  z
    .array(value)
    .min(1)
    .max(MAX_SWEEP_JOBS)
    .superRefine((values, context) => {
      const texts = values.map((one) => JSON.stringify(one));
      texts.forEach((text, index) => {
        const first = texts.indexOf(text);
        const message = `expected no value twice; [${first}] is the same`;
        if (first < index) context.addIssue({ code: 'custom', path: [index], message });
      });
    })
    .optional();

/** What the jobs of a sweep differ in. */
export const SweepAxes = z
  .strictObject({
    ratios: axisOf(RatioSchedule).describe('ratio schedules'),
    calibrationIds: axisOf(Id).describe(
      'calibrations that ratios are taken from, each deployed to its device',
    ),
    profiles: axisOf(ProfileRequest).describe('devices that are measured and calibrated first'),
    methods: axisOf(SweptMethod),
    seeds: axisOf(Seed),
  })
  .describe(
    'a sweep has a job for every combination; `ratios`, `calibrationIds` and `profiles` all say where ratios come from, ' +
      'and are values of one axis',
  );
export type SweepAxes = z.infer<typeof SweepAxes>;

/** A job of a sweep, without what its axes give and what the sweep itself says. */
export const SweepBase = JobFields.omit({ labels: true, priority: true, training: true }).extend({
  training: TrainingFields.extend({ method: SweptMethod.optional(), seed: Seed.optional() }).prefault({}),
});
export type SweepBase = z.infer<typeof SweepBase>;

/** What the axes give one job. */
export const SweepValues = z.object({
  ratios: RatioSchedule.optional(),
  calibrationId: Id.optional(),
  profile: z.object({ index: z.number().int().describe('in axes.profiles'), deviceId: Id }).optional(),
  method: SweptMethod.optional(),
  seed: Seed.optional(),
});
export type SweepValues = z.infer<typeof SweepValues>;

/** One combination: what it makes of the base, and the places of the sweep that parts of it come from. */
export interface SweepMember {
  readonly values: SweepValues;
  /** The parts of a submission that it gives. */
  readonly job: { readonly [field: string]: unknown };
  readonly training: { readonly method?: string; readonly seed?: number };
  readonly places: readonly { readonly field: readonly string[]; readonly place: readonly PropertyKey[] }[];
}

/**
 * Every combination of the values of the axes, each once: schedules in the order ratios, calibrationIds, profiles; for each of
 * them the methods, for each of those the seeds. One job without a value where there is no axis.
 */
export function sweepMembers(axes: SweepAxes): SweepMember[] {
  const alternatives = [schedulesOf(axes), methodsOf(axes), seedsOf(axes)].filter((axis) => axis.length > 0);
  return alternatives.reduce<SweepMember[]>(
    (members, axis) => members.flatMap((member) => axis.map((value) => joined(member, value))),
    [{ values: {}, job: {}, training: {}, places: [] }],
  );
}

/** How many there are, told without making them. */
export function sweepSize(axes: SweepAxes): number {
  return [schedulesOf(axes), methodsOf(axes), seedsOf(axes)]
    .map((axis) => Math.max(1, axis.length))
    .reduce((product, length) => product * length, 1);
}

function schedulesOf({ ratios = [], calibrationIds = [], profiles = [] }: SweepAxes): SweepMember[] {
  return [
    ...ratios.map((value, i) => ofJob('ratios', value, { ratios: value }, ['ratios', i])),
    ...calibrationIds.map((value, i) =>
      ofJob('calibrationId', value, { calibrationId: value }, ['calibrationIds', i]),
    ),
    ...profiles.map((value, index) =>
      ofJob('profile', value, { profile: { index, deviceId: value.deviceId } }, ['profiles', index]),
    ),
  ];
}

function methodsOf({ methods = [] }: SweepAxes): SweepMember[] {
  return methods.map((method, i) => ofTraining('method', { method }, ['methods', i]));
}

function seedsOf({ seeds = [] }: SweepAxes): SweepMember[] {
  return seeds.map((seed, i) => ofTraining('seed', { seed }, ['seeds', i]));
}

function ofJob(field: string, value: unknown, values: SweepValues, at: PropertyKey[]): SweepMember {
  const places = [{ field: [field], place: ['axes', ...at] }];
  return { values, job: { [field]: value }, training: {}, places };
}

function ofTraining(
  field: 'method' | 'seed',
  training: Pick<SweepValues, 'method' | 'seed'>,
  at: PropertyKey[],
): SweepMember {
  const places = [{ field: ['training', field], place: ['axes', ...at] }];
  return { values: training, job: {}, training, places };
}

const joined = (a: SweepMember, b: SweepMember): SweepMember => ({
  values: { ...a.values, ...b.values },
  job: { ...a.job, ...b.job },
  training: { ...a.training, ...b.training },
  places: [...a.places, ...b.places],
});

/** What a sweep says of all of its jobs. */
interface ForAllJobs {
  readonly base: SweepBase;
  readonly labels: Record<string, string>;
  readonly priority: number;
}

/** The submission of one job of a sweep, still to be checked by CreateJob. */
export function memberSubmission({ base, labels, priority }: ForAllJobs, member: SweepMember): unknown {
  const training = { ...base.training, ...member.training };
  return { ...base, ...member.job, training, labels, priority };
}

/** Where in the sweep it says what is at `path` of a member's submission. */
export function placeInSweep(member: SweepMember, path: readonly PropertyKey[]): PropertyKey[] {
  const given = member.places.find(({ field }) => field.every((key, i) => path[i] === key));
  if (given !== undefined) return [...given.place, ...path.slice(given.field.length)];
  return path[0] === 'labels' || path[0] === 'priority' ? [...path] : ['base', ...path];
}

/** The same of a field's name, such as `ratios[3]`. */
export function fieldInSweep(member: SweepMember, field: string): string {
  const given = member.places.find(({ field: path }) => {
    const name = fieldPath(path, '');
    return field === name || field.startsWith(`${name}[`) || field.startsWith(`${name}.`);
  });
  if (given === undefined) return /^(labels|priority)\b/.test(field) ? field : `base.${field}`;
  return fieldPath(given.place, '') + field.slice(fieldPath(given.field, '').length);
}

/** Every contradiction in a member's submission, by its place in the sweep; fields have been checked by themselves. */
export function memberFaults(
  sweep: ForAllJobs,
  member: SweepMember,
): { path: PropertyKey[]; message: string }[] {
  const parsed = CreateJob.safeParse(memberSubmission(sweep, member));
  const issues = parsed.success ? [] : parsed.error.issues.filter(({ code }) => code === 'custom');
  return issues.map(({ path, message }) => ({ path: placeInSweep(member, path), message }));
}
