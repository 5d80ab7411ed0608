import { setTimeout as delay } from 'node:timers/promises';
import type { ClockController } from '../clock-controller.js';
import type { NetworkRunner } from '../measured/network-runner.port.js';

/** Time as the measuring loop sees it. */
export interface MeasuringTime {
  nowMs(): number;
  /** @throws the signal's reason when aborted */
  wait(ms: number): Promise<void>;
}

/** What a measurement is made with. */
export interface MeasuringTools {
  readonly controller: ClockController;
  readonly runner: NetworkRunner;
  readonly time: MeasuringTime;
  /** Where sysfs is mounted: temperatures and signs of throttling are read there. */
  readonly sysfsRoot: string;
}

/** The time of this machine; an abort ends a wait. */
export function realTime(signal: AbortSignal): MeasuringTime {
  return {
    nowMs: () => performance.now(),
    wait: async (ms) => {
      await delay(ms, undefined, { signal }).catch(() => undefined);
      signal.throwIfAborted();
    },
  };
}
