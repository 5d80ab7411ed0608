import type { VersionComparison } from '#contracts';
import { canonicalJson } from '../canonical-json.js';
import type { VersionRecord } from '../cards/version-records.js';

type Settings = ReadonlyMap<string, unknown>;

/** Settings that are not the same for all versions; of a version whose job is gone, or never was, only what it is itself is known. */
export function settingDifferences(records: readonly VersionRecord[]): VersionComparison['settings'] {
  const all = records.map(settingsOf);
  const names = [...new Set(all.flatMap((settings) => [...settings.keys()]))].sort();
  return names
    .map((setting) => ({ setting, values: all.map((settings) => settings.get(setting) ?? null) }))
    .filter(({ values }) => new Set(values.map((value) => canonicalJson(value))).size > 1);
}

function settingsOf({ version, job }: VersionRecord): Settings {
  const settings = new Map<string, unknown>();
  const trained = version.ratios.filter(({ derived }) => !derived).map(({ ratio }) => ratio);
  flatten('', { network: version.network, ratios: job?.ratios ?? trained }, settings);
  if (job !== undefined) {
    const { untrainedRatios, warmStart, training } = job.spec;
    flatten('', { untrainedRatios, warmStart, training }, settings);
  }
  const training: Partial<NonNullable<typeof version.training>> = version.training ?? {};
  const { executor, isochronVersion, trainImages, testImages, seed } = training;
  flatten('', { trainedBy: { executor, isochronVersion, trainImages, testImages, seed } }, settings);
  return settings;
}

/** Every value that is no object, by its path; lists are values. */
function flatten(path: string, value: unknown, into: Map<string, unknown>): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    if (value !== undefined) into.set(path, value);
    return;
  }
  for (const [key, each] of Object.entries(value)) flatten(path === '' ? key : `${path}.${key}`, each, into);
}
