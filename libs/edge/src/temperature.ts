import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The hottest thermal zone of the machine in degrees Celsius; `undefined` where none can be read. */
export async function readTemperatureC(sysfsRoot = '/sys'): Promise<number | undefined> {
  const folder = join(sysfsRoot, 'class/thermal');
  const names = await readdir(folder).catch(() => []);
  const zones = names.filter((name) => name.startsWith('thermal_zone'));
  const readings = await Promise.all(
    // Zones of parts that are switched off answer with an error; the others still count.
    zones.map((zone) => readFile(join(folder, zone, 'temp'), 'utf8').then(parseMilliC, () => undefined)),
  );
  const known = readings.filter((reading) => reading !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
}

function parseMilliC(text: string): number | undefined {
  return /^-?\d+$/.test(text.trim()) ? Number(text) / 1000 : undefined;
}
