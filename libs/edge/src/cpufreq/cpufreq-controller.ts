import { rmSync } from 'node:fs';
import { identify, writeFileAtomic } from '#runtime';
import { ClockError, type AppliedClock, type ClockController } from '../clock-controller.js';
import type { Guardian } from '../guardian/guardian.js';
import type { EdgeOperatingPoint } from '../operating-point.js';
import { waitFor } from '../wait-for.js';
import type { ClockState } from './leftover-clocks.js';
import {
  listPolicies,
  readClocks,
  readKhz,
  restoreClocks,
  writeRange,
  type SavedClocks,
} from './saved-clocks.js';

export interface CpufreqOptions {
  /** Where sysfs is mounted. */
  readonly root: string;
  /** Holds the saved clocks while they are pinned. */
  readonly stateFile: string;
  readonly startGuardian: () => Guardian;
}

/** How far the clock that is read back may lie from the one asked for before it counts as not settled. */
const SETTLED = 0.02;
const SETTLE_MS = 1_000;

/** Pins the CPU's real clocks through the kernel's cpufreq files. */
export class CpufreqController implements ClockController {
  readonly kind = 'cpufreq';
  readonly emulated = false;
  private held: { saved: SavedClocks; guardian: Guardian } | undefined;

  constructor(private readonly options: CpufreqOptions) {}

  async apply(point: EdgeOperatingPoint): Promise<AppliedClock> {
    const khz = cpuKhzOf(point);
    const { saved } = await this.hold();
    const { root } = this.options;
    const exact = listPolicies(root).filter((policy) => pin(root, policy, khz));
    const policy = exact[0];
    if (policy === undefined) throw new ClockError(outOfRange(root, point, khz));
    await waitFor(() => Promise.resolve(isSettled(root, policy, khz)), SETTLE_MS).catch(() => undefined);
    const clockReadBackHz = Math.min(...exact.map((p) => readKhz(root, p, 'scaling_cur_freq'))) * 1000;
    return { clockReadBackHz, governor: saved[policy]!.governor };
  }

  release(): Promise<void> {
    return Promise.resolve();
  }

  async restore(): Promise<void> {
    if (!this.held) return;
    restoreClocks(this.options.root, this.held.saved);
    rmSync(this.options.stateFile, { force: true });
    await this.held.guardian.dismiss();
    this.held = undefined;
  }

  /** Saves the clocks twice, in a guardian process and in a file, before anything is changed. */
  private async hold() {
    if (this.held) return this.held;
    const { root, stateFile, startGuardian } = this.options;
    const saved = readClocks(root);
    if (Object.keys(saved).length === 0) {
      throw new ClockError(`${root} shows no cpufreq policy: this machine does not let its clocks be set`);
    }
    const state: ClockState = { agent: identify(process.pid), saved };
    await writeFileAtomic(stateFile, JSON.stringify(state));
    const guardian = startGuardian();
    await guardian.hold({ clocks: { root, saved, stateFile } });
    this.held = { saved, guardian };
    return this.held;
  }
}

function cpuKhzOf(point: EdgeOperatingPoint): number {
  const other = point.gpuHz === undefined ? (point.memHz === undefined ? undefined : 'memHz') : 'gpuHz';
  if (other !== undefined) {
    throw new ClockError(
      `operating point "${point.name}" sets ${other}, and this agent pins CPU clocks alone`,
    );
  }
  if (point.cpuHz === undefined) {
    throw new ClockError(
      `operating point "${point.name}" has no cpuHz to pin; start the agent without --real-clocks`,
    );
  }
  return Math.round(point.cpuHz / 1000);
}

/**
 * Pins a policy to the clock, or to the nearer end of its range: the small cores of a big.LITTLE CPU may not reach it.
 * @returns whether the policy took the clock itself.
 */
function pin(root: string, policy: string, khz: number): boolean {
  const lowest = readKhz(root, policy, 'cpuinfo_min_freq');
  const highest = readKhz(root, policy, 'cpuinfo_max_freq');
  const reachable = Math.min(highest, Math.max(lowest, khz));
  writeRange(root, policy, reachable, reachable);
  return (
    readKhz(root, policy, 'scaling_min_freq') === khz && readKhz(root, policy, 'scaling_max_freq') === khz
  );
}

function isSettled(root: string, policy: string, khz: number): boolean {
  return Math.abs(readKhz(root, policy, 'scaling_cur_freq') - khz) <= SETTLED * khz;
}

function outOfRange(root: string, point: EdgeOperatingPoint, khz: number): string {
  const ranges = listPolicies(root).map((policy) => {
    const lowest = readKhz(root, policy, 'cpuinfo_min_freq');
    return `${policy} ${lowest}..${readKhz(root, policy, 'cpuinfo_max_freq')} kHz`;
  });
  return `operating point "${point.name}": no clock of the CPU can be set to ${khz} kHz; ranges: ${ranges.join(', ')}`;
}
