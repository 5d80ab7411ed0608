import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface FakePolicy {
  governor: string;
  minKhz: number;
  maxKhz: number;
  lowestKhz: number;
  highestKhz: number;
}

/** A sysfs with cpufreq policies; the clock that runs is always the lower limit. */
export async function fakeSysfs(root: string, policies: Record<string, FakePolicy>): Promise<void> {
  for (const [name, policy] of Object.entries(policies)) {
    const folder = join(root, 'devices/system/cpu/cpufreq', name);
    await mkdir(folder, { recursive: true });
    const write = (file: string, value: string | number) => writeFile(join(folder, file), `${value}\n`);
    await write('scaling_governor', policy.governor);
    await write('scaling_min_freq', policy.minKhz);
    await write('scaling_max_freq', policy.maxKhz);
    await write('cpuinfo_min_freq', policy.lowestKhz);
    await write('cpuinfo_max_freq', policy.highestKhz);
    await symlink('scaling_min_freq', join(folder, 'scaling_cur_freq'));
  }
}

/** `governor min..max` of one policy. */
export async function limitsOf(root: string, policy: string): Promise<string> {
  const read = async (file: string) =>
    (await readFile(join(root, 'devices/system/cpu/cpufreq', policy, file), 'utf8')).trim();
  return `${await read('scaling_governor')} ${await read('scaling_min_freq')}..${await read('scaling_max_freq')}`;
}
