import { join } from 'node:path';
import { temporaryFolder } from '#testkit';
import { writeFiles } from '../sysfs/sysfs.fixture.js';
import { findSoc } from './find-soc.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => void (folder = await temporaryFolder('soc')));
afterEach(() => folder.remove());

const soc = (files: Record<string, string>) => writeFiles(join(folder.path, 'devices/soc0'), files);
const deviceTree = (compatible: string) =>
  writeFiles(join(folder.path, 'firmware/devicetree/base'), { compatible });

describe('the chip of a device', () => {
  it('is what its SoC driver says, as much as it says', async () => {
    await soc({ machine: 'SM8350', serial_number: '12345' });
    expect(findSoc(folder.path)).toBe('SM8350');
    await soc({ soc_id: '415' });
    expect(findSoc(folder.path)).toBe('SM8350 (415)');
    await soc({ machine: '' });
    expect(findSoc(folder.path)).toBe('415');
  });

  it('is the most general name of the device tree where there is no such driver', async () => {
    await deviceTree('friendlyarm,nanopc-t6\0rockchip,rk3588\0');
    expect(findSoc(folder.path)).toBe('rockchip,rk3588');
    await soc({ machine: 'RK3588' });
    expect(findSoc(folder.path)).toBe('RK3588');
  });

  it('is not known where the kernel says neither', () => {
    expect(findSoc(folder.path)).toBeUndefined();
  });
});
