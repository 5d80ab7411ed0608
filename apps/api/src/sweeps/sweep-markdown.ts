import type { SeedStatistics, Sweep, SweepComparison, SweepGroup, SweepRow, SweepValues } from '#contracts';
import { markdownTable } from '../markdown-table.js';

/** What a sweep's jobs achieved, as a page that people read. */
export function sweepMarkdown(sweep: Sweep, { rows, groups }: SweepComparison): string {
  const named = columnsOf(rows);
  const ratios = distinct(rows.flatMap((row) => row.ratios.map(({ ratio }) => ratio)));
  return [
    `# ${sweep.name ?? 'Sweep'}: ${sweep.spec.base.model}`,
    `Sweep ${sweep.id}, ${sweep.state}, ${rows.length} jobs: accuracy in percent on the test images for every ratio.`,
    markdownTable([...named, ...ratios.map(String), 'state', 'version'], jobRows(rows, named, ratios)),
    'What trainings cost, and how steady verified jobs are (largest over smallest latency):',
    markdownTable([...named, 'training MACs', 'time', 'spread'], costRows(rows, named)),
    'MACs that are left of the network:',
    markdownTable([...named, ...ratios.map(String)], macsRows(rows, named, ratios)),
    ...seedTables(groups, named, ratios),
    ...failures(rows, named),
    '',
  ].join('\n\n');
}

/** Names of the axes that say something of any job. */
function columnsOf(rows: readonly SweepRow[]): string[] {
  const named = rows.flatMap(({ values }) => Object.keys(shown(values)));
  return [...new Set(named)];
}

function shown({ ratios, calibrationId, profile, method, seed }: SweepValues): Record<string, string> {
  const schedule = ratios?.join(', ') ?? (calibrationId && `calibration ${calibrationId}`);
  const from = schedule ?? (profile && `device ${profile.deviceId} (profile ${profile.index})`);
  return {
    ...(from !== undefined && { schedule: from }),
    ...(method !== undefined && { method }),
    ...(seed !== undefined && { seed: String(seed) }),
  };
}

const axisCells = (values: SweepValues, named: readonly string[]): string[] => {
  const texts = shown(values);
  return named.map((name) => texts[name] ?? '');
};

function jobRows(rows: readonly SweepRow[], named: readonly string[], ratios: readonly number[]) {
  return rows.map((row) => [
    ...axisCells(row.values, named),
    ...ratios.map((ratio) => percent(row.ratios.find((one) => one.ratio === ratio)?.accuracy)),
    row.state,
    String(row.version ?? ''),
  ]);
}

function costRows(rows: readonly SweepRow[], named: readonly string[]) {
  return rows.map(({ values, trainingMacs, trainingSeconds, spread }) => [
    ...axisCells(values, named),
    trainingMacs?.toExponential(3) ?? '',
    trainingSeconds === undefined ? '' : `${trainingSeconds.toFixed(1)} s`,
    spread?.toFixed(3) ?? '',
  ]);
}

function macsRows(rows: readonly SweepRow[], named: readonly string[], ratios: readonly number[]) {
  return rows.map((row) => [
    ...axisCells(row.values, named),
    ...ratios.map((ratio) => row.ratios.find((one) => one.ratio === ratio)?.macs.toLocaleString('en') ?? ''),
  ]);
}

/** Only where there are several seeds to tell something of. */
function seedTables(groups: readonly SweepGroup[], named: readonly string[], ratios: readonly number[]) {
  if (!groups.some(({ jobIds }) => jobIds.length > 1)) return [];
  const axes = named.filter((name) => name !== 'seed');
  const rows = groups.map(({ values, jobIds, ratios: found, trainingSeconds }) => [
    ...axisCells(values, axes),
    String(jobIds.length),
    ...ratios.map((ratio) => meanPercent(found.find((one) => one.ratio === ratio)?.accuracy)),
    trainingSeconds === undefined ? '' : `${trainingSeconds.mean.toFixed(1)} s`,
  ]);
  return [
    'Over seeds: mean accuracy in percent, with the standard deviation of the sample:',
    markdownTable([...axes, 'seeds', ...ratios.map(String), 'time'], rows),
  ];
}

function failures(rows: readonly SweepRow[], named: readonly string[]): string[] {
  const lines = rows.flatMap(({ jobId, values, error }) =>
    error === undefined
      ? []
      : [`- job ${jobId} (${axisCells(values, named).join('; ')}): ${error.code}, ${oneLine(error.message)}`],
  );
  return lines.length === 0 ? [] : ['What failed:', lines.join('\n')];
}

const percent = (accuracy: number | undefined): string =>
  accuracy === undefined ? '' : (accuracy * 100).toFixed(2);

function meanPercent(accuracy: SeedStatistics | undefined): string {
  if (accuracy === undefined) return '';
  const { mean, standardDeviation } = accuracy;
  return standardDeviation === undefined ? percent(mean) : `${percent(mean)} ± ${percent(standardDeviation)}`;
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ');

const distinct = (numbers: readonly number[]): number[] => [...new Set(numbers)].sort((a, b) => a - b);
