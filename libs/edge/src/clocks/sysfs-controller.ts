import { ClockError, type AppliedClock, type ClockController } from '../clock-controller.js';
import type { Guardian } from '../guardian/guardian.js';
import type { EdgeOperatingPoint } from '../operating-point.js';
import { Sysfs } from '../sysfs/sysfs.js';
import { waitFor } from '../wait-for.js';
import {
  clocksOf,
  describeDeviations,
  deviationsOf,
  CLOCK_AXES,
  POINT_FIELD,
  type AxisClocks,
  type ClockAxis,
} from './clock-axis.js';
import { cpuDomains, currentClock, type ClockDomain } from './clock-domain.js';
import { devfreqDomains } from './devfreq-domains.js';
import { HeldClocks } from './held-clocks.js';
import { domainsReaching, pinDomain } from './pin-axis.js';
import { restoreDomain } from './saved-clocks.js';

export type SysfsControllerKind = 'cpufreq' | 'devfreq' | 'tuple';

export interface SysfsControllerOptions {
  /** Where sysfs is mounted. */
  readonly root: string;
  /** Holds the saved clocks while they are pinned. */
  readonly stateFile: string;
  readonly startGuardian: () => Guardian;
  /** How long a clock may take to settle, each time that it is set. */
  readonly settleMs?: number;
}

const AXES: Readonly<Record<SysfsControllerKind, readonly ClockAxis[]>> = {
  cpufreq: ['cpu'],
  devfreq: ['gpu', 'mem'],
  tuple: CLOCK_AXES,
};
const SETTLE_MS = 1_000;
/** A thermal or power limit may pass: the clock is set again before it counts as refused. */
const TRIES = 3;

/** Pins real clocks through the kernel's cpufreq and devfreq files. Axes that a point does not name are left free. */
export class SysfsController implements ClockController {
  readonly emulated = false;
  private readonly sysfs: Sysfs;
  private held: HeldClocks | undefined;
  /** The domains that were set to the clock itself, not to the end of their range. */
  private pinned: Partial<Record<ClockAxis, readonly ClockDomain[]>> = {};

  /** @param kind which axes it pins: the CPU's, those of GPU and memory, or all */
  constructor(
    readonly kind: SysfsControllerKind,
    private readonly options: SysfsControllerOptions,
  ) {
    this.sysfs = new Sysfs(options.root);
  }

  async apply(point: EdgeOperatingPoint): Promise<AppliedClock> {
    const requested = this.requestedBy(point);
    const domains = this.domains();
    const reaching = naming(point, () => this.reachingDomains(requested, domains));
    this.held ??= await this.hold(domains);
    for (let tries = 1; ; tries++) {
      this.freeOthers(requested, domains, this.held);
      naming(point, () => this.pin(requested, domains));
      this.pinned = reaching;
      await waitFor(() => Promise.resolve(this.deviations(requested).length === 0), this.settleMs).catch(
        () => undefined,
      );
      const deviations = this.deviations(requested);
      if (deviations.length === 0) break;
      if (tries === TRIES) {
        throw new ClockError(
          `operating point "${point.name}": ${describeDeviations(deviations)} (${TRIES} times); ` +
            'expected within 1 %: the device is held back by temperature, power or another program',
        );
      }
    }
    return this.readBack();
  }

  readBack(): Promise<AppliedClock> {
    const { cpu, gpu, mem } = this.readings();
    const [folder] = Object.values(this.pinned).flat();
    const governor = folder && this.held?.saved[folder.folder]?.governor;
    return Promise.resolve({
      ...(cpu === undefined ? {} : { clockReadBackHz: cpu }),
      ...(gpu === undefined ? {} : { gpuReadBackHz: gpu }),
      ...(mem === undefined ? {} : { memReadBackHz: mem }),
      ...(governor === undefined ? {} : { governor }),
    });
  }

  release(): Promise<void> {
    return Promise.resolve();
  }

  async restore(): Promise<void> {
    await this.held?.restore();
    this.held = undefined;
    this.pinned = {};
  }

  private get settleMs(): number {
    return this.options.settleMs ?? SETTLE_MS;
  }

  /** Once clocks are held, those: one that appears later, of a CPU that is plugged in, would not be put back. */
  private domains(): readonly ClockDomain[] {
    if (this.held) return this.held.domains;
    const all = [...cpuDomains(this.sysfs), ...devfreqDomains(this.sysfs)];
    return all.filter(({ axis }) => AXES[this.kind].includes(axis));
  }

  private async hold(domains: readonly ClockDomain[]): Promise<HeldClocks> {
    return HeldClocks.take(this.sysfs, domains, this.options.stateFile, this.options.startGuardian);
  }

  /** @throws ClockError when the point names no clock, or one that this controller does not pin. */
  private requestedBy(point: EdgeOperatingPoint): AxisClocks {
    const requested = clocksOf(point);
    const named = Object.keys(requested) as ClockAxis[];
    const other = named.find((axis) => !AXES[this.kind].includes(axis));
    if (other !== undefined) {
      throw new ClockError(
        `operating point "${point.name}" sets ${POINT_FIELD[other]}, which ${this.kind} does not pin`,
      );
    }
    if (named.length > 0) return requested;
    const fields = AXES[this.kind].map((axis) => POINT_FIELD[axis]).join(' or ');
    throw new ClockError(
      `operating point "${point.name}" has no ${fields} to pin; start the agent without --real-clocks`,
    );
  }

  /** @throws ClockError when an axis has no domain, or none that takes its clock. */
  private reachingDomains(requested: AxisClocks, domains: readonly ClockDomain[]) {
    const reaching = entriesOf(requested).map(([axis, hz]) => {
      const ofAxis = domains.filter((domain) => domain.axis === axis);
      if (ofAxis.length === 0) throw new ClockError(nothingToPin(this.options.root, axis));
      return [axis, domainsReaching(this.sysfs, axis, ofAxis, hz)] as const;
    });
    return Object.fromEntries(reaching) as Partial<Record<ClockAxis, ClockDomain[]>>;
  }

  private pin(requested: AxisClocks, domains: readonly ClockDomain[]): void {
    for (const { folder, axis } of domains) {
      const hz = requested[axis];
      if (hz !== undefined) pinDomain(this.sysfs, folder, hz);
    }
  }

  /** A point before this one may have pinned an axis that this one does not name. */
  private freeOthers(requested: AxisClocks, domains: readonly ClockDomain[], { saved }: HeldClocks): void {
    for (const { folder, axis } of domains) {
      if (requested[axis] === undefined) restoreDomain(this.sysfs, folder, saved[folder]!);
    }
  }

  private deviations(requested: AxisClocks) {
    return deviationsOf(requested, this.readings());
  }

  /** The fastest domain counts: a core that idles may tell a lower clock than the one it would run at. */
  private readings(): AxisClocks {
    const readings = Object.entries(this.pinned).map(([axis, domains]) => {
      return [axis, Math.max(...domains.map(({ folder }) => currentClock(this.sysfs, folder)))];
    });
    return Object.fromEntries(readings) as AxisClocks;
  }
}

const entriesOf = (clocks: AxisClocks) => Object.entries(clocks) as [ClockAxis, number][];

/** Puts the point's name before what is wrong with one of its clocks. */
function naming<T>(point: EdgeOperatingPoint, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ClockError(`operating point "${point.name}": ${reason}`, { cause: error });
  }
}

function nothingToPin(root: string, axis: ClockAxis): string {
  if (axis === 'cpu')
    return `${root} shows no cpufreq policy: this machine does not let its CPU clocks be set`;
  const what = axis === 'gpu' ? 'GPU' : 'memory';
  return `${root} shows no devfreq device of a ${what}: this machine does not let its ${what} clock be set`;
}
