import { ClockError } from '../clock-controller.js';
import type { Sysfs } from '../sysfs/sysfs.js';
import { CLOCK_TOLERANCE, type ClockAxis } from './clock-axis.js';
import { clockFilesOf, clockRange, listedClocks, type ClockDomain } from './clock-domain.js';
import { readLimits, writeRange } from './saved-clocks.js';

/**
 * Which domains of an axis can take a clock: those whose list, or range where they have no list, reaches it.
 * @throws ClockError telling what each domain offers when none can; nothing was written.
 */
export function domainsReaching(
  sysfs: Sysfs,
  axis: ClockAxis,
  domains: readonly ClockDomain[],
  hz: number,
): ClockDomain[] {
  const reaching = domains.filter(({ folder }) => reaches(sysfs, folder, hz));
  if (reaching.length > 0) return reaching;
  const offers = domains.map(({ folder }) => offerOf(sysfs, folder));
  throw new ClockError(`no clock of the ${axis} can be set to ${hz} Hz; there is ${offers.join(', ')}`);
}

/**
 * Pins a domain to the clock, or to the nearest that it has: the small cores of a big.LITTLE CPU may not reach it.
 * @throws ClockError when the kernel took other limits than those written; Error when it refused them.
 */
export function pinDomain(sysfs: Sysfs, folder: string, hz: number): void {
  const value = Math.round(nearestClock(sysfs, folder, hz) / clockFilesOf(folder).hzPerUnit);
  writeRange(sysfs, folder, value, value);
  const { min, max } = readLimits(sysfs, folder);
  if ([min, max].every((limit) => Math.abs(limit - value) <= CLOCK_TOLERANCE * value)) return;
  throw new ClockError(`${folder} reads limits ${min}..${max} after ${value}..${value} was written`);
}

/** Of those listed, the lower of two as near; within the range where none are listed. */
function nearestClock(sysfs: Sysfs, folder: string, hz: number): number {
  const listed = listedClocks(sysfs, folder);
  if (listed.length > 0) return listed.reduce((a, b) => (Math.abs(b - hz) < Math.abs(a - hz) ? b : a));
  const { lowestHz, highestHz } = clockRange(sysfs, folder);
  return Math.min(highestHz, Math.max(lowestHz, hz));
}

function reaches(sysfs: Sysfs, folder: string, hz: number): boolean {
  const listed = listedClocks(sysfs, folder);
  const isNear = (clock: number) => Math.abs(clock - hz) <= CLOCK_TOLERANCE * hz;
  if (listed.length > 0) return listed.some(isNear);
  const { lowestHz, highestHz } = clockRange(sysfs, folder);
  return (hz >= lowestHz && hz <= highestHz) || isNear(lowestHz) || isNear(highestHz);
}

function offerOf(sysfs: Sysfs, folder: string): string {
  const name = folder.slice(folder.lastIndexOf('/') + 1);
  const listed = listedClocks(sysfs, folder);
  if (listed.length > 0) return `${name} with ${listed.join(', ')} Hz`;
  const { lowestHz, highestHz } = clockRange(sysfs, folder);
  return `${name} with ${lowestHz}..${highestHz} Hz`;
}
