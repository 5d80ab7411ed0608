import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** A clock domain as a test describes it, in Hz; the clock that runs is always the lower limit. */
export interface FakeClock {
  readonly governor: string;
  readonly lowestHz: number;
  readonly highestHz: number;
  /** All clocks, where the kernel lists them. */
  readonly listedHz?: readonly number[];
  readonly compatible?: string;
  readonly relatedCpus?: string;
}

export interface FakeSysfs {
  readonly policies?: Readonly<Record<string, FakeClock>>;
  readonly devices?: Readonly<Record<string, FakeClock>>;
}

export const CPUFREQ = 'devices/system/cpu/cpufreq';
export const DEVFREQ = 'class/devfreq';

/** Writes a sysfs below `root` with cpufreq policies and, as the kernel does it, devfreq devices behind links. */
export async function fakeSysfs(root: string, { policies = {}, devices = {} }: FakeSysfs): Promise<void> {
  for (const [name, clock] of Object.entries(policies)) {
    await writePolicy(join(root, CPUFREQ, name), clock);
  }
  for (const [name, clock] of Object.entries(devices)) {
    const folder = join(root, 'devices/platform', name, 'devfreq', name);
    await writeDevice(folder, clock);
    await mkdir(join(root, DEVFREQ), { recursive: true });
    await symlink(relative(join(root, DEVFREQ), folder), join(root, DEVFREQ, name));
  }
}

async function writePolicy(folder: string, clock: FakeClock): Promise<void> {
  const { governor, lowestHz, highestHz, listedHz, relatedCpus = '0' } = clock;
  await writeFiles(folder, {
    scaling_governor: governor,
    scaling_available_governors: `${governor} performance`,
    scaling_min_freq: lowestHz / 1000,
    scaling_max_freq: highestHz / 1000,
    cpuinfo_min_freq: lowestHz / 1000,
    cpuinfo_max_freq: highestHz / 1000,
    related_cpus: relatedCpus,
    ...(listedHz && { scaling_available_frequencies: listedHz.map((hz) => hz / 1000).join(' ') }),
  });
  await symlink('scaling_min_freq', join(folder, 'scaling_cur_freq'));
}

async function writeDevice(folder: string, clock: FakeClock): Promise<void> {
  const { governor, lowestHz, highestHz, listedHz, compatible } = clock;
  await writeFiles(folder, {
    governor,
    available_governors: `${governor} performance`,
    min_freq: lowestHz,
    max_freq: highestHz,
    ...(listedHz && { available_frequencies: listedHz.join(' ') }),
  });
  await symlink('min_freq', join(folder, 'cur_freq'));
  await symlink('../..', join(folder, 'device'));
  if (compatible === undefined) return;
  await writeFiles(join(folder, '../../of_node'), { compatible: `${compatible}\0` });
}

/** Writes files with a line end, as the kernel shows them. */
export async function writeFiles(folder: string, files: Record<string, string | number>): Promise<void> {
  for (const [name, value] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), `${value}\n`);
  }
}

/** `governor min..max` of a domain, in the unit of its files. */
export async function limitsOf(root: string, folder: string): Promise<string> {
  const prefix = folder.startsWith(CPUFREQ) ? 'scaling_' : '';
  const read = async (file: string) => (await readFile(join(root, folder, prefix + file), 'utf8')).trim();
  return `${await read('governor')} ${await read('min_freq')}..${await read('max_freq')}`;
}

/** SHA-256 of every file below a folder with its path, in order: tells whether anything was written. */
export async function checksumOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const hash = createHash('sha256');
  for (const file of files.sort()) hash.update(relative(folder, file)).update(await readFile(file));
  return hash.digest('hex');
}

export const BIG: FakeClock = {
  governor: 'schedutil',
  lowestHz: 600e6,
  highestHz: 2.4e9,
  relatedCpus: '4 5 6 7',
};
export const LITTLE: FakeClock = { ...BIG, lowestHz: 400e6, highestHz: 1.5e9, relatedCpus: '0 1 2 3' };
/** Both kinds of cores with lists of their clocks: most of the one kind's are not among the other's. */
export const LISTED_BIG: FakeClock = { ...BIG, listedHz: [600e6, 1.2e9, 1.8e9, 2.4e9] };
export const LISTED_LITTLE: FakeClock = { ...LITTLE, listedHz: [400e6, 1.008e9, 1.5e9] };
export const GPU: FakeClock = {
  governor: 'simple_ondemand',
  lowestHz: 200e6,
  highestHz: 800e6,
  listedHz: [200e6, 400e6, 800e6],
  compatible: 'arm,mali-bifrost',
};
export const MEMORY: FakeClock = {
  ...GPU,
  lowestHz: 528e6,
  highestHz: 2.112e9,
  listedHz: [528e6, 2.112e9],
  compatible: '',
};
