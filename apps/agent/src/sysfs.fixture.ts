import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const POLICY = 'devices/system/cpu/cpufreq/policy0';
const GPU = 'class/devfreq/17000000.gpu';

/** A sysfs with one CPU policy and a GPU; the clocks that run are the lower limits. */
export async function writeSysfs(root: string): Promise<void> {
  await writeFiles(join(root, POLICY), {
    ...{ scaling_governor: 'schedutil', scaling_available_frequencies: '600000 1200000 1800000' },
    ...{ scaling_min_freq: '600000', scaling_max_freq: '1800000' },
    ...{ cpuinfo_min_freq: '600000', cpuinfo_max_freq: '1800000', related_cpus: '0 1 2 3' },
  });
  await symlink('scaling_min_freq', join(root, POLICY, 'scaling_cur_freq'));
  await writeFiles(join(root, GPU), {
    ...{ governor: 'nvhost_podgov', available_frequencies: '200000000 400000000' },
    ...{ min_freq: '200000000', max_freq: '400000000' },
  });
  await symlink('min_freq', join(root, GPU, 'cur_freq'));
}

/** Governors and limits of both clocks. */
export async function clocksIn(root: string): Promise<string[]> {
  const files = [
    ...['scaling_governor', 'scaling_min_freq', 'scaling_max_freq'].map((name) => join(POLICY, name)),
    ...['governor', 'min_freq', 'max_freq'].map((name) => join(GPU, name)),
  ];
  const texts = await Promise.all(files.map((file) => readFile(join(root, file), 'utf8')));
  return texts.map((text) => text.trim());
}

async function writeFiles(folder: string, files: Record<string, string>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), `${text}\n`);
}
