import { CLOCK_AXES, type AxisClocks, type ClockAxis } from '../clocks/clock-axis.js';
import { clockRange, cpuDomains, currentClock, type ClockDomain } from '../clocks/clock-domain.js';
import { devfreqDomains } from '../clocks/devfreq-domains.js';
import { jetsonMemoryHz } from '../discovery/find-clocks.js';
import { Sysfs } from '../sysfs/sysfs.js';

/** What a device's clocks run at. */
export interface ClockSource {
  /** Hz by axis; one that cannot be read at the moment is left out. */
  read(): AxisClocks;
}

/**
 * The clocks that the kernel shows: of several domains of an axis (big and little cores, say) the one with the highest clock,
 * which is the one that operating points are proposed for.
 * @param root of sysfs
 * @throws Error when it shows none.
 */
export function kernelClocks(root = '/sys'): ClockSource {
  const sysfs = new Sysfs(root);
  const readers = CLOCK_AXES.map((axis) => ({ axis, read: readerOf(sysfs, axis) })).filter(
    ({ read }) => read() !== undefined,
  );
  if (readers.length === 0) throw new Error(`${root}: expected cpufreq or devfreq clocks, found none`);
  return {
    read: () => {
      const clocks = readers.map(({ axis, read }) => [axis, read()] as const);
      return Object.fromEntries(clocks.filter(([, hz]) => hz !== undefined));
    },
  };
}

function readerOf(sysfs: Sysfs, axis: ClockAxis): () => number | undefined {
  const domains = [...cpuDomains(sysfs), ...devfreqDomains(sysfs)];
  const fastest = fastestOf(
    sysfs,
    domains.filter((domain) => domain.axis === axis),
  );
  if (fastest) return () => orNone(() => currentClock(sysfs, fastest.folder));
  return () => (axis === 'mem' ? jetsonMemoryHz(sysfs) : undefined);
}

function fastestOf(sysfs: Sysfs, domains: readonly ClockDomain[]): ClockDomain | undefined {
  const highest = ({ folder }: ClockDomain) => orNone(() => clockRange(sysfs, folder).highestHz) ?? 0;
  const readable = domains.filter(({ folder }) => orNone(() => currentClock(sysfs, folder)) !== undefined);
  return readable.reduce<ClockDomain | undefined>(
    (best, domain) => (best && highest(best) >= highest(domain) ? best : domain),
    undefined,
  );
}

/** Files of parts that are switched off answer with an error. */
function orNone(read: () => number): number | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
