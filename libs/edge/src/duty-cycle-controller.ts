import {
  cpuShareOf,
  type AppliedClock,
  type ClockController,
  type MeasuredTarget,
} from './clock-controller.js';
import type { Guardian } from './guardian/guardian.js';
import type { EdgeOperatingPoint } from './operating-point.js';

/** Timers fire up to a millisecond late, which the schedule corrects; a longer period makes fewer corrections. */
const PERIOD_MS = 20;
/** Timers are no finer. */
const SHORTEST_RUN_MS = 1;

/**
 * Emulates slower clocks where no CPU quota is to be had: stops and continues the measured process from outside.
 * The schedule is absolute: each cycle's running time makes up for what late timers took or gave before.
 */
export class DutyCycleController implements ClockController {
  readonly kind = 'duty-cycle';
  readonly emulated = true;
  private cycle: DutyCycle | undefined;
  private guardedPid: number | undefined;
  private applied: AppliedClock = {};

  /** @param guardian continues and kills a stopped process if this one dies */
  constructor(private readonly guardian: Guardian) {}

  async apply(point: EdgeOperatingPoint, { pid }: MeasuredTarget): Promise<AppliedClock> {
    const share = cpuShareOf(point);
    await this.release();
    if (pid !== this.guardedPid) {
      await this.guardian.hold({ kill: [pid] });
      this.guardedPid = pid;
    }
    if (share < 1) this.cycle = new DutyCycle(pid, share);
    this.applied = { requestedCpuShare: share };
    return this.applied;
  }

  readBack(): Promise<AppliedClock> {
    return Promise.resolve(this.applied);
  }

  release(): Promise<void> {
    this.cycle?.end();
    this.cycle = undefined;
    return Promise.resolve();
  }

  async restore(): Promise<void> {
    await this.release();
    await this.guardian.dismiss();
  }
}

/** Cycle n lies n periods after the start; by its end the process shall have run its share of all time since then. */
class DutyCycle {
  private readonly startedMs = performance.now();
  private continuedMs = this.startedMs;
  private ranMs = 0;
  private cycle = 0;
  private timer: NodeJS.Timeout;

  constructor(
    private readonly pid: number,
    private readonly share: number,
  ) {
    this.timer = setTimeout(this.stop, this.owedMs());
  }

  end(): void {
    clearTimeout(this.timer);
    signal(this.pid, 'SIGCONT');
  }

  private readonly stop = (): void => {
    if (!signal(this.pid, 'SIGSTOP')) return;
    const now = performance.now();
    this.ranMs += now - this.continuedMs;
    this.cycle = Math.max(this.cycle + 1, Math.floor((now - this.startedMs) / PERIOD_MS));
    // A very late timer gave away time of cycles to come: those pass without the process.
    while (this.owedMs() < SHORTEST_RUN_MS) this.cycle++;
    this.timer = setTimeout(this.continue, this.startedMs + this.cycle * PERIOD_MS - now);
  };

  private readonly continue = (): void => {
    if (!signal(this.pid, 'SIGCONT')) return;
    this.continuedMs = performance.now();
    this.timer = setTimeout(this.stop, this.owedMs());
  };

  /** How long the process may run in the current cycle. */
  private owedMs(): number {
    return this.share * (this.cycle + 1) * PERIOD_MS - this.ranMs;
  }
}

/** False when the process is gone. */
function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
