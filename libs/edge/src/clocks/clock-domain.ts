import type { Sysfs } from '../sysfs/sysfs.js';
import type { ClockAxis } from './clock-axis.js';

/** A clock whose limits the kernel lets be set: a cpufreq policy or a devfreq device. */
export interface ClockDomain {
  /** Below the root: `devices/system/cpu/cpufreq/policy4`, `class/devfreq/17000000.gpu`. */
  readonly folder: string;
  readonly axis: ClockAxis;
}

const CPUFREQ_FOLDER = 'devices/system/cpu/cpufreq';
export const DEVFREQ_FOLDER = 'class/devfreq';

interface ClockFiles {
  readonly governor: string;
  readonly min: string;
  readonly max: string;
  readonly current: string;
  /** Files with the clocks that there are, which limits do not shorten. */
  readonly lists: readonly string[];
  /** The widest limits, where the kernel tells them. */
  readonly range?: { readonly lowest: string; readonly highest: string };
  readonly hzPerUnit: number;
}

const CPUFREQ: ClockFiles = {
  governor: 'scaling_governor',
  min: 'scaling_min_freq',
  max: 'scaling_max_freq',
  current: 'scaling_cur_freq',
  lists: ['scaling_available_frequencies', 'scaling_boost_frequencies'],
  range: { lowest: 'cpuinfo_min_freq', highest: 'cpuinfo_max_freq' },
  hzPerUnit: 1000,
};
const DEVFREQ: ClockFiles = {
  governor: 'governor',
  min: 'min_freq',
  max: 'max_freq',
  current: 'cur_freq',
  lists: ['available_frequencies'],
  hzPerUnit: 1,
};

const POLICY = new RegExp(`^${CPUFREQ_FOLDER}/policy\\d+$`);
const DEVICE = new RegExp(`^${DEVFREQ_FOLDER}/[\\w.:,@+-]+$`);

/** @throws Error for a folder that holds no clock, as a damaged state file may name. */
export function clockFilesOf(folder: string): ClockFiles {
  if (POLICY.test(folder)) return CPUFREQ;
  if (DEVICE.test(folder)) return DEVFREQ;
  throw new Error(`"${folder}" is neither a cpufreq policy nor a devfreq device`);
}

/** The CPU's clock domains; none where the machine does not let its clocks be seen. */
export function cpuDomains(sysfs: Sysfs): ClockDomain[] {
  const names = sysfs.list(CPUFREQ_FOLDER).filter((name) => POLICY.test(`${CPUFREQ_FOLDER}/${name}`));
  return names.map((name) => ({ folder: `${CPUFREQ_FOLDER}/${name}`, axis: 'cpu' }));
}

/** A domain's clocks in Hz, ascending; none where the kernel lists none (intel_pstate and amd-pstate take any). */
export function listedClocks(sysfs: Sysfs, folder: string): number[] {
  const { lists, hzPerUnit } = clockFilesOf(folder);
  const all = lists.flatMap((file) => sysfs.integers(`${folder}/${file}`));
  return [...new Set(all)].sort((a, b) => a - b).map((value) => value * hzPerUnit);
}

/** Lowest and highest clock of a domain in Hz. @throws Error naming the file that cannot be read */
export function clockRange(sysfs: Sysfs, folder: string): { lowestHz: number; highestHz: number } {
  const { range, min, max, hzPerUnit } = clockFilesOf(folder);
  const listed = listedClocks(sysfs, folder);
  if (range === undefined && listed.length > 0) return { lowestHz: listed[0]!, highestHz: listed.at(-1)! };
  const { lowest, highest } = range ?? { lowest: min, highest: max };
  const hz = (file: string) => sysfs.integer(`${folder}/${file}`) * hzPerUnit;
  return { lowestHz: hz(lowest), highestHz: Math.max(hz(highest), listed.at(-1) ?? 0) };
}

/** What the domain runs at, in Hz. @throws Error naming the file */
export function currentClock(sysfs: Sysfs, folder: string): number {
  const { current, hzPerUnit } = clockFilesOf(folder);
  return sysfs.integer(`${folder}/${current}`) * hzPerUnit;
}
