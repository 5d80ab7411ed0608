import { readTemperatureC } from '../temperature.js';
import type { MeasuringTools } from './measuring-tools.js';

const POLL_MS = 1_000;
/** As cool as before, for a sensor that shows whole degrees. */
const NEAR_C = 1;

/** Waits until the device is as cool as `targetC` again, at most `seconds`; all of them where no temperature shows. */
export async function coolDown(
  targetC: number | undefined,
  seconds: number,
  { time, sysfsRoot }: Pick<MeasuringTools, 'time' | 'sysfsRoot'>,
): Promise<void> {
  const untilMs = time.nowMs() + seconds * 1000;
  for (let leftMs = seconds * 1000; leftMs > 0; leftMs = untilMs - time.nowMs()) {
    await time.wait(Math.min(leftMs, POLL_MS));
    const nowC = targetC === undefined ? undefined : await readTemperatureC(sysfsRoot);
    if (nowC !== undefined && nowC <= targetC! + NEAR_C) return;
  }
}
