import { Sysfs } from '../sysfs/sysfs.js';

const SOC_FOLDER = 'devices/soc0';
/** Names of board and chip, the most general one last; /proc/device-tree leads here. */
const COMPATIBLE_FILE = 'firmware/devicetree/base/compatible';

/**
 * What the kernel calls the chip: `SM8350 (415)` by its SoC driver, `rockchip,rk3588` by the device tree. Undefined where
 * it says neither, as on PCs.
 */
export function findSoc(root: string): string | undefined {
  const sysfs = new Sysfs(root);
  const told = (file: string) => sysfs.textOrNone(`${SOC_FOLDER}/${file}`) || undefined;
  const [machine, id] = [told('machine'), told('soc_id')];
  if (machine !== undefined && id !== undefined) return `${machine} (${id})`;
  const compatible = sysfs.textOrNone(COMPATIBLE_FILE)?.split(/\s+/).at(-1);
  return machine ?? id ?? (compatible || undefined);
}
