import type { Job, SeedStatistics, SweepComparison, SweepGroup, SweepRow } from '#contracts';
import type { SweptMember } from './sweep-record.js';

/**
 * The jobs of a sweep side by side.
 * @param at ISO time
 */
export function compareJobs(
  members: readonly SweptMember[],
  jobs: readonly Job[],
  at: string,
): SweepComparison {
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const rows = members.map(({ jobId, values }) => rowOf(byId.get(jobId)!, values));
  return { gatheredAt: at, rows, groups: groupsOf(rows) };
}

function rowOf(job: Job, values: SweepRow['values']): SweepRow {
  const { id: jobId, state, deviceId, calibrationId, version, error, candidate } = job;
  return {
    ...{ jobId, values, state, deviceId, calibrationId, version, error },
    ratios: (candidate?.ratios ?? []).map(({ ratio, accuracy, macs, parameters, derived }) => {
      return { ratio, accuracy, macs, parameters, derived };
    }),
    trainingMacs: candidate?.trainingMacs,
    trainingSeconds: candidate?.trainingSeconds,
    spread: spreadOf(job),
  };
}

/** Largest over smallest latency at the operating points, each at the ratio that was best there. */
function spreadOf({ verification }: Job): number | undefined {
  const measured = (verification?.points ?? []).flatMap(({ best }) => best?.measuredMs ?? []);
  return measured.length === 0 ? undefined : Math.max(...measured) / Math.min(...measured);
}

function groupsOf(rows: readonly SweepRow[]): SweepGroup[] {
  const groups = new Map<string, SweepRow[]>();
  for (const row of rows.filter(({ ratios }) => ratios.length > 0)) {
    const key = JSON.stringify({ ...row.values, seed: undefined });
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map(groupOf);
}

function groupOf(rows: readonly SweepRow[]): SweepGroup {
  const known = (numbers: readonly (number | undefined)[]) => {
    const given = numbers.filter((one) => one !== undefined);
    return given.length === 0 ? undefined : seedStatistics(given);
  };
  return {
    values: { ...rows[0]!.values, seed: undefined },
    jobIds: rows.map(({ jobId }) => jobId),
    ratios: ratiosOf(rows),
    trainingMacs: known(rows.map((row) => row.trainingMacs)),
    trainingSeconds: known(rows.map((row) => row.trainingSeconds)),
    spread: known(rows.map((row) => row.spread)),
  };
}

/** Ascending; seeds that were measured first may have chosen other ratios than others. */
function ratiosOf(rows: readonly SweepRow[]): SweepGroup['ratios'] {
  const ratios = new Set(rows.flatMap((row) => row.ratios.map(({ ratio }) => ratio)));
  return [...ratios]
    .sort((a, b) => a - b)
    .map((ratio) => {
      const found = rows.flatMap((row) => row.ratios.find((one) => one.ratio === ratio) ?? []);
      return {
        ratio,
        derived: found.some(({ derived }) => derived),
        accuracy: seedStatistics(found.map(({ accuracy }) => accuracy)),
        macs: seedStatistics(found.map(({ macs }) => macs)),
      };
    });
}

/** @param numbers at least one */
export function seedStatistics(numbers: readonly number[]): SeedStatistics {
  const seeds = numbers.length;
  const mean = numbers.reduce((sum, one) => sum + one, 0) / seeds;
  if (seeds === 1) return { mean, seeds };
  const squares = numbers.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return { mean, standardDeviation: Math.sqrt(squares / (seeds - 1)), seeds };
}
