/** Pins the clocks as the agent does, tells who guards them, and waits to be killed. Arguments: root, state file, Hz. */
import { Guardian } from '../guardian/guardian.js';
import { CpufreqController } from './cpufreq-controller.js';

/** What it tells once the clocks are pinned. */
export interface Pinned {
  readonly guardianPid: number | undefined;
}

const [root, stateFile, hz] = process.argv.slice(2) as [string, string, string];
const guardian = Guardian.start();
const controller = new CpufreqController({ root, stateFile, startGuardian: () => guardian });
await controller.apply({ name: 'pinned', cpuHz: Number(hz) });
const pinned: Pinned = { guardianPid: guardian.pid };
process.send?.(pinned);
setInterval(() => {}, 1000);
