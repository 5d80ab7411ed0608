import { findCpuCgroup, type CgroupOptions } from './cgroup/find-cpu-cgroup.js';
import { QuotaController } from './cgroup/quota-controller.js';
import { ClockError, type ClockController } from './clock-controller.js';
import { clocksOf } from './clocks/clock-axis.js';
import { SysfsController, type SysfsControllerKind } from './clocks/sysfs-controller.js';
import { DutyCycleController } from './duty-cycle-controller.js';
import { Guardian } from './guardian/guardian.js';
import { MeasuredProcess } from './measured/measured-process.js';
import type { NetworkRunner } from './measured/network-runner.port.js';
import type { EdgeOperatingPoint } from './operating-point.js';
import { RecordedController } from './recorded/recorded-controller.js';
import { RecordedRunner } from './recorded/recorded-runner.js';
import { readRecordedTable } from './recorded/recorded-table.js';

export type EmulationChoice = 'auto' | 'quota' | 'duty-cycle';

/** A latency table that is replayed in place of measuring. */
export interface RecordedChoice {
  readonly file: string;
  readonly seed: number;
}

export interface ClockOptions {
  /** Pins real clocks; otherwise slower clocks are emulated. */
  readonly realClocks: boolean;
  /** How to emulate: by a CPU quota of the kernel, by stopping and continuing, or by a quota where there is one. */
  readonly emulation: EmulationChoice;
  /** Replays this in place of both. */
  readonly recorded?: RecordedChoice | undefined;
  /** Keeps the saved clocks while real ones are pinned. */
  readonly stateFile: string;
  /** The points to come: they tell which real clocks have to be pinned. */
  readonly points: readonly EdgeOperatingPoint[];
  readonly sysfsRoot?: string | undefined;
  readonly cgroups?: CgroupOptions;
}

/** What sets operating points, and what runs networks at them. */
export interface MeasuringMeans {
  readonly controller: ClockController;
  readonly startRunner: () => NetworkRunner;
}

/** @throws ClockError when this machine does not have what was chosen, or the recorded table cannot be used. */
export async function openMeasuring(options: ClockOptions): Promise<MeasuringMeans> {
  if (options.recorded === undefined) {
    return { controller: await openClockController(options), startRunner: () => MeasuredProcess.start() };
  }
  const { file, seed } = options.recorded;
  const table = readRecordedTable(file);
  const controller = new RecordedController(table);
  return { controller, startRunner: () => new RecordedRunner(table, controller, seed) };
}

async function openClockController(options: ClockOptions): Promise<ClockController> {
  const { realClocks, emulation, stateFile, sysfsRoot = '/sys', points } = options;
  const startGuardian = () => Guardian.start();
  if (realClocks) return new SysfsController(kindFor(points), { root: sysfsRoot, stateFile, startGuardian });
  if (emulation !== 'duty-cycle') {
    const cgroup = await findCpuCgroup(options.cgroups);
    if (!('reason' in cgroup)) return new QuotaController(cgroup);
    if (emulation === 'quota') throw new ClockError(`no CPU quota is to be had here: ${cgroup.reason}`);
  }
  if (process.platform === 'win32') throw new ClockError('Windows has neither CPU quotas nor SIGSTOP');
  return new DutyCycleController(startGuardian());
}

/** The narrowest controller that pins every clock that some point names. */
function kindFor(points: readonly EdgeOperatingPoint[]): SysfsControllerKind {
  const axes = new Set(points.flatMap((point) => Object.keys(clocksOf(point))));
  if (!axes.has('gpu') && !axes.has('mem')) return 'cpufreq';
  return axes.has('cpu') ? 'tuple' : 'devfreq';
}
