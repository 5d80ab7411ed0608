import { waitFor } from '../wait-for.js';
import {
  cpuShareOf,
  type AppliedClock,
  type ClockController,
  type MeasuredTarget,
} from '../clock-controller.js';
import type { EdgeOperatingPoint } from '../operating-point.js';
import type { CpuCgroup } from './cpu-cgroup.js';
import { quotaOfShare } from './cpu-quota.js';

/** Emulates slower clocks by a CPU quota: the kernel takes the time away, the measured process just runs. */
export class QuotaController implements ClockController {
  readonly emulated = true;
  private limitedPid: number | undefined;
  private applied: AppliedClock = {};

  constructor(private readonly cgroup: CpuCgroup) {}

  get kind() {
    return this.cgroup.version.kind;
  }

  async apply(point: EdgeOperatingPoint, { pid, threads }: MeasuredTarget): Promise<AppliedClock> {
    const share = cpuShareOf(point);
    if (pid !== this.limitedPid) {
      await this.cgroup.add(pid);
      this.limitedPid = pid;
    }
    await this.cgroup.setQuota(quotaOfShare(share, threads));
    this.applied = { requestedCpuShare: share };
    return this.applied;
  }

  readBack(): Promise<AppliedClock> {
    return Promise.resolve(this.applied);
  }

  async release(): Promise<void> {
    await this.cgroup.setQuota(undefined);
  }

  async restore(): Promise<void> {
    // A process that was just killed leaves its cgroup a moment later.
    await waitFor(() => this.tryRemove(), 5_000);
  }

  private async tryRemove(): Promise<boolean> {
    try {
      await this.cgroup.remove();
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EBUSY') return false;
      throw error;
    }
  }
}
