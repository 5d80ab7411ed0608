import { accessSync, constants } from 'node:fs';
import type { ClockAxis } from '../clocks/clock-axis.js';
import { clockFilesOf, clockRange, cpuDomains, currentClock, listedClocks } from '../clocks/clock-domain.js';
import { devfreqDevices } from '../clocks/devfreq-domains.js';
import type { Sysfs } from '../sysfs/sysfs.js';

/** A clock that the kernel shows. */
export interface FoundClock {
  /** `policy4`, `17000000.gpu`, `emc`. */
  readonly name: string;
  /** What it clocks; undefined where that was not recognised. */
  readonly axis: ClockAxis | undefined;
  /** Ascending, in Hz; empty where the kernel lists none and takes any within the range. */
  readonly listedHz: readonly number[];
  readonly lowestHz: number | undefined;
  readonly highestHz: number | undefined;
  readonly currentHz: number | undefined;
  readonly governor: string | undefined;
  readonly governors: readonly string[];
  /** The CPUs that share a policy's clock. */
  readonly cpus: readonly number[];
  /** Why it cannot be pinned; undefined where it can. */
  readonly notPinnable: string | undefined;
}

/** Jetson's memory controller, by the firmware's clock tree. Only read: a wrong rate there takes a board down. */
const EMC_FOLDER = 'kernel/debug/bpmp/debug/clk/emc';
/** Counters of the same memory; they tell that it is there where debugfs may not be read. */
const ACTMON_FOLDER = 'kernel/actmon_avg_activity';

/** All clocks below the root, CPU policies first. A clock whose files cannot be read is listed with the reason. */
export function findClocks(sysfs: Sysfs): FoundClock[] {
  const policies = cpuDomains(sysfs).map(({ folder }) => findClock(sysfs, folder, 'cpu'));
  const devices = devfreqDevices(sysfs).map(({ folder, axis }) => findClock(sysfs, folder, axis));
  return [...policies, ...devices, ...findJetsonMemory(sysfs)];
}

function findClock(sysfs: Sysfs, folder: string, axis: ClockAxis | undefined): FoundClock {
  const { governor } = clockFilesOf(folder);
  const governors =
    sysfs.textOrNone(`${folder}/${governor.replace('governor', 'available_governors')}`) ?? '';
  const range = orNone(() => clockRange(sysfs, folder));
  return {
    name: folder.slice(folder.lastIndexOf('/') + 1),
    axis,
    listedHz: listedClocks(sysfs, folder),
    lowestHz: range?.lowestHz,
    highestHz: range?.highestHz,
    currentHz: orNone(() => currentClock(sysfs, folder)),
    governor: sysfs.textOrNone(`${folder}/${governor}`),
    governors: governors.split(/\s+/).filter((word) => word !== ''),
    cpus: sysfs.integers(`${folder}/related_cpus`),
    notPinnable: reasonAgainst(sysfs, folder, axis, range),
  };
}

function reasonAgainst(
  sysfs: Sysfs,
  folder: string,
  axis: ClockAxis | undefined,
  range: { lowestHz: number; highestHz: number } | undefined,
): string | undefined {
  if (axis === undefined) return 'neither its name nor its device tree says GPU or memory';
  if (range === undefined) return 'its limits cannot be read';
  if (range.lowestHz >= range.highestHz) return 'it has one frequency only';
  const { min, max } = clockFilesOf(folder);
  const closed = [min, max].find((file) => !isWritable(sysfs.pathOf(`${folder}/${file}`)));
  return closed === undefined
    ? undefined
    : `${closed} may not be written by this user: start the agent as root`;
}

function findJetsonMemory(sysfs: Sysfs): FoundClock[] {
  const isSeen = sysfs.list(EMC_FOLDER).length > 0 || sysfs.list(ACTMON_FOLDER).length > 0;
  if (!isSeen) return [];
  return [
    {
      name: 'emc',
      axis: 'mem',
      listedHz: [],
      lowestHz: sysfs.integerOrNone(`${EMC_FOLDER}/min_rate`),
      highestHz: sysfs.integerOrNone(`${EMC_FOLDER}/max_rate`),
      currentHz: jetsonMemoryHz(sysfs),
      governor: undefined,
      governors: [],
      cpus: [],
      notPinnable:
        "Jetson's memory clock is set by its firmware and only read here: use nvpmodel or jetson_clocks",
    },
  ];
}

/** What a Jetson's memory runs at; undefined on other devices, and where debugfs may not be read. */
export const jetsonMemoryHz = (sysfs: Sysfs): number | undefined => sysfs.integerOrNone(`${EMC_FOLDER}/rate`);

function isWritable(path: string): boolean {
  return orNone(() => (accessSync(path, constants.W_OK), true)) ?? false;
}

function orNone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
