import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '#testkit';
import { readTemperatureC } from './temperature.js';

it('the temperature is that of the hottest zone that can be read', async () => {
  const folder = await temporaryFolder('thermal');
  const zone = async (name: string, text: string) => {
    await mkdir(join(folder.path, 'class/thermal', name), { recursive: true });
    await writeFile(join(folder.path, 'class/thermal', name, 'temp'), text);
  };
  expect(await readTemperatureC(folder.path)).toBeUndefined();
  await zone('thermal_zone0', '41500\n');
  await zone('thermal_zone1', '48250\n');
  await zone('thermal_zone2', 'off\n');
  await zone('cooling_device0', '99000\n');
  expect(await readTemperatureC(folder.path)).toBe(48.25);
  await folder.remove();
});
