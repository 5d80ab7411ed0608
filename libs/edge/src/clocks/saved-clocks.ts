/** Reading, limiting and putting back clocks by the kernel's files. */
import type { Sysfs } from '../sysfs/sysfs.js';
import { clockFilesOf, type ClockDomain } from './clock-domain.js';

/** In the unit of the domain's files: kHz for cpufreq, Hz for devfreq. */
export interface DomainLimits {
  readonly governor: string;
  readonly min: number;
  readonly max: number;
}

/** By the folder of the domain. */
export type SavedClocks = Readonly<Record<string, DomainLimits>>;

/** Clocks that could not be put back: the device is not as it was found. */
export class ClocksNotRestoredError extends AggregateError {
  override readonly name = 'ClocksNotRestoredError';
}

/** What every domain is set to now. @throws Error of the file system naming the file. */
export function readClocks(sysfs: Sysfs, domains: readonly ClockDomain[]): SavedClocks {
  const limits = domains.map(({ folder }) => [folder, readLimits(sysfs, folder)]);
  return Object.fromEntries(limits) as SavedClocks;
}

export function readLimits(sysfs: Sysfs, folder: string): DomainLimits {
  const { governor, min, max } = clockFilesOf(folder);
  return {
    governor: sysfs.text(`${folder}/${governor}`),
    min: sysfs.integer(`${folder}/${min}`),
    max: sysfs.integer(`${folder}/${max}`),
  };
}

/**
 * Puts every domain back. One that fails does not keep the others from it.
 * @throws ClocksNotRestoredError with every failure.
 */
export function restoreClocks(sysfs: Sysfs, saved: SavedClocks): void {
  const failures: unknown[] = [];
  for (const [folder, limits] of Object.entries(saved)) {
    try {
      restoreDomain(sysfs, folder, limits);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0)
    throw new ClocksNotRestoredError(failures, `clocks not restored: ${failures.map(String).join('; ')}`);
}

/**
 * Writes only what differs: where nothing was changed, as without permission, nothing can fail. What cannot be read now,
 * of a device that is asleep or because the agent was killed in the middle of a write, is written.
 */
export function restoreDomain(sysfs: Sysfs, folder: string, { governor, min, max }: DomainLimits): void {
  const files = clockFilesOf(folder);
  const isNow = (file: string, value: number) => sysfs.integerOrNone(`${folder}/${file}`) === value;
  if (!isNow(files.min, min) || !isNow(files.max, max)) writeRange(sysfs, folder, min, max);
  const file = `${folder}/${files.governor}`;
  if (sysfs.textOrNone(file) !== governor) sysfs.write(file, governor);
}

/** Sets both limits in the order in which minimum <= maximum holds all the time: the kernel refuses anything else. */
export function writeRange(sysfs: Sysfs, folder: string, min: number, max: number): void {
  const files = clockFilesOf(folder);
  const writeMin = () => sysfs.write(`${folder}/${files.min}`, min);
  const writeMax = () => sysfs.write(`${folder}/${files.max}`, max);
  const minNow = sysfs.integerOrNone(`${folder}/${files.min}`);
  if (minNow !== undefined && max < minNow) {
    writeMin();
    writeMax();
  } else {
    writeMax();
    writeMin();
  }
}
