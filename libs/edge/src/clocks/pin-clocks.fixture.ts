/** A process that pins clocks and waits to be killed. Arguments: root, state file, kind, operating point as JSON. */
import { Guardian } from '../guardian/guardian.js';
import type { EdgeOperatingPoint } from '../operating-point.js';
import { SysfsController, type SysfsControllerKind } from './sysfs-controller.js';

/** What it tells once the clocks are pinned. */
export interface Pinned {
  readonly guardianPid: number | undefined;
}

const [root, stateFile, kind, point] = process.argv.slice(2) as [string, string, SysfsControllerKind, string];
const guardian = Guardian.start();
const controller = new SysfsController(kind, { root, stateFile, startGuardian: () => guardian });
await controller.apply(JSON.parse(point) as EdgeOperatingPoint);
const pinned: Pinned = { guardianPid: guardian.pid };
process.send?.(pinned);
setInterval(() => {}, 1000);
