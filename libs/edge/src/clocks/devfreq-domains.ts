import type { Sysfs } from '../sysfs/sysfs.js';
import type { ClockAxis } from './clock-axis.js';
import { DEVFREQ_FOLDER, type ClockDomain } from './clock-domain.js';

/** A devfreq device and what it was recognised as; without an axis it is of no use to a measurement. */
export interface DevfreqDevice {
  readonly folder: string;
  readonly name: string;
  /** What the device tree calls the hardware; empty where there is none. */
  readonly compatible: readonly string[];
  readonly axis: ClockAxis | undefined;
}

/**
 * Mali (`fb000000.gpu`, `13000000.mali`), Adreno (`5000000.qcom,kgsl-3d0`), and Jetson: Nano `57000000.gpu`, TX2
 * `17000000.gp10b`, Xavier `17000000.gv11b`, Orin `17000000.ga10b` or `17000000.gpu`.
 */
const GPU = /(^|[^a-z])(gpu|mali|kgsl|adreno|panfrost|panthor|g[pva]\d+b)([^a-z]|$)/i;
/** Rockchip `dmc`, Exynos `bus_dmc` and `devfreq_mif`, Tegra `31b0000.emc`, Qualcomm `ddr-bw`, Allwinner `mbus`. */
const MEMORY = /(^|[^a-z])(dmc|emc|mif|ddr|dfi|mbus|dram)([^a-z]|$)|^(.*[.:_])?bus_(dmc|mem|mif)/i;

/** All devfreq devices, by name. */
export function devfreqDevices(sysfs: Sysfs): DevfreqDevice[] {
  return sysfs.list(DEVFREQ_FOLDER).map((name) => {
    const folder = `${DEVFREQ_FOLDER}/${name}`;
    const told = sysfs.textOrNone(`${folder}/device/of_node/compatible`) ?? '';
    const compatible = told.split(/\s+/).filter((word) => word !== '');
    return { folder, name, compatible, axis: axisOf([name, ...compatible]) };
  });
}

/** The domains of the recognised devices. */
export function devfreqDomains(sysfs: Sysfs): ClockDomain[] {
  return devfreqDevices(sysfs).flatMap(({ folder, axis }) => (axis === undefined ? [] : [{ folder, axis }]));
}

function axisOf(names: readonly string[]): ClockAxis | undefined {
  if (names.some((name) => GPU.test(name))) return 'gpu';
  return names.some((name) => MEMORY.test(name)) ? 'mem' : undefined;
}
