import type { Sysfs } from './sysfs/sysfs.js';

/** Signs that the device protects itself; empty where the kernel shows none. */
export interface ThrottleState {
  /** How often CPU cores and packages have throttled since boot (x86). */
  readonly events: number | undefined;
  /** By cooling device that slows a processor down: its state, 0 for idle. */
  readonly cooling: Readonly<Record<string, number>>;
}

const CPU_FOLDER = 'devices/system/cpu';
const COUNTERS = ['core_throttle_count', 'package_throttle_count'];
const THERMAL_FOLDER = 'class/thermal';
/** `cpufreq-cpu0`, `devfreq-…gpu`, `thermal-cpufreq-0`, `Processor`, `intel_powerclamp`, Jetson's `cpu-balanced`. */
const SLOWS_PROCESSORS = /cpu|gpu|devfreq|processor|powerclamp/i;

export function readThrottleState(sysfs: Sysfs): ThrottleState {
  const cores = sysfs.list(CPU_FOLDER).filter((name) => /^cpu\d+$/.test(name));
  const counts = cores.flatMap((core) =>
    COUNTERS.map((counter) => sysfs.integerOrNone(`${CPU_FOLDER}/${core}/thermal_throttle/${counter}`)),
  );
  const known = counts.filter((count) => count !== undefined);
  const events = known.length === 0 ? undefined : known.reduce((sum, count) => sum + count, 0);
  return { events, cooling: coolingStates(sysfs) };
}

/** Whether the device throttled between the two, or at one of them; undefined where nothing tells. */
export function throttledBetween(before: ThrottleState, after: ThrottleState): boolean | undefined {
  const states = [...Object.values(before.cooling), ...Object.values(after.cooling)];
  if (before.events === undefined && after.events === undefined && states.length === 0) return undefined;
  return (after.events ?? 0) > (before.events ?? 0) || states.some((state) => state > 0);
}

function coolingStates(sysfs: Sysfs): Record<string, number> {
  const devices = sysfs.list(THERMAL_FOLDER).filter((name) => name.startsWith('cooling_device'));
  const states = devices.map((name) => {
    const folder = `${THERMAL_FOLDER}/${name}`;
    const slows = SLOWS_PROCESSORS.test(sysfs.textOrNone(`${folder}/type`) ?? '');
    return [name, slows ? sysfs.integerOrNone(`${folder}/cur_state`) : undefined] as const;
  });
  return Object.fromEntries(states.filter(([, state]) => state !== undefined)) as Record<string, number>;
}
