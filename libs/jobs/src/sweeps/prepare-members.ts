import {
  AppError,
  CreateJob,
  fieldInSweep,
  memberSubmission,
  type CreateSweep,
  type FieldError,
  type Job,
  type SweepMember,
} from '#contracts';

/** Checks a submission and gives the job that it makes, which is stored nowhere yet. @throws AppError naming fields */
export type PrepareJob = (request: CreateJob) => Promise<Job>;

/**
 * The jobs of a sweep, still to be stored. Those that differ in their seeds alone are checked once.
 * @throws AppError with the faults of all of them, by their places in the sweep
 */
export async function prepareMembers(
  sweep: CreateSweep,
  members: readonly SweepMember[],
  prepare: PrepareJob,
): Promise<Job[]> {
  const checked = new Map<string, Promise<Job>>();
  const refusals: { error: AppError; member: SweepMember }[] = [];
  const jobs: Job[] = [];
  for (const member of members) {
    const spec = CreateJob.parse(memberSubmission(sweep, member));
    const key = JSON.stringify({ ...spec, training: { ...spec.training, seed: 0 } });
    if (!checked.has(key)) checked.set(key, prepare(spec));
    try {
      jobs.push({ ...(await checked.get(key)!), spec });
    } catch (error) {
      if (!(error instanceof AppError) || error.fields.length === 0) throw error;
      refusals.push({ error, member });
    }
  }
  if (refusals.length > 0) throw together(refusals);
  return jobs;
}

function together(refusals: readonly { error: AppError; member: SweepMember }[]): AppError {
  const codes = [...new Set(refusals.map(({ error }) => error.code))];
  const details = [...new Set(refusals.map(({ error }) => error.message))];
  const fields = refusals.flatMap(({ error, member }) =>
    error.fields.map((one): FieldError => ({ ...one, field: fieldInSweep(member, one.field) })),
  );
  const distinct = new Map(fields.map((one) => [`${one.field} ${one.expected}`, one]));
  const code = codes.length === 1 ? codes[0]! : 'invalid_request';
  return new AppError(code, details.join('; '), { fields: [...distinct.values()] });
}
