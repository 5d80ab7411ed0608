import { findCpuCgroup, type CgroupOptions } from './cgroup/find-cpu-cgroup.js';
import { QuotaController } from './cgroup/quota-controller.js';
import { ClockError, type ClockController } from './clock-controller.js';
import { CpufreqController } from './cpufreq/cpufreq-controller.js';
import { DutyCycleController } from './duty-cycle-controller.js';
import { Guardian } from './guardian/guardian.js';

export type EmulationChoice = 'auto' | 'quota' | 'duty-cycle';

export interface ClockOptions {
  /** Pins the CPU's real clocks; otherwise slower clocks are emulated. */
  readonly realClocks: boolean;
  /** How to emulate: by a CPU quota of the kernel, by stopping and continuing, or by a quota where there is one. */
  readonly emulation: EmulationChoice;
  /** Keeps the saved clocks while real ones are pinned. */
  readonly stateFile: string;
  readonly sysfsRoot?: string;
  readonly cgroups?: CgroupOptions;
}

/** @throws ClockError when this machine does not have what was chosen. */
export async function openClockController(options: ClockOptions): Promise<ClockController> {
  const { realClocks, emulation, stateFile, sysfsRoot = '/sys' } = options;
  const startGuardian = () => Guardian.start();
  if (realClocks) return new CpufreqController({ root: sysfsRoot, stateFile, startGuardian });
  if (emulation !== 'duty-cycle') {
    const cgroup = await findCpuCgroup(options.cgroups);
    if (!('reason' in cgroup)) return new QuotaController(cgroup);
    if (emulation === 'quota') throw new ClockError(`no CPU quota is to be had here: ${cgroup.reason}`);
  }
  if (process.platform === 'win32') throw new ClockError('Windows has neither CPU quotas nor SIGSTOP');
  return new DutyCycleController(startGuardian());
}
