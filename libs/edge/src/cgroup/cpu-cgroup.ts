import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CpuQuota } from './cpu-quota.js';

/** Where and how one kind of cgroup hierarchy takes a CPU quota. */
export interface CgroupVersion {
  readonly kind: 'cgroup-v1-quota' | 'cgroup-v2-quota';
  writeQuota(folder: string, quota: CpuQuota | undefined): Promise<void>;
}

export const CGROUP_V1: CgroupVersion = {
  kind: 'cgroup-v1-quota',
  async writeQuota(folder, quota) {
    const quotaFile = join(folder, 'cpu.cfs_quota_us');
    // Lifted first: the old quota with the new period might be a pair that the kernel refuses.
    await writeFile(quotaFile, '-1');
    if (!quota) return;
    await writeFile(join(folder, 'cpu.cfs_period_us'), String(quota.periodUs));
    await writeFile(quotaFile, String(quota.quotaUs));
    await expectContent(quotaFile, String(quota.quotaUs));
  },
};

export const CGROUP_V2: CgroupVersion = {
  kind: 'cgroup-v2-quota',
  async writeQuota(folder, quota) {
    const file = join(folder, 'cpu.max');
    const value = quota ? `${quota.quotaUs} ${quota.periodUs}` : 'max 10000';
    await writeFile(file, value);
    await expectContent(file, value);
  },
};

async function expectContent(file: string, expected: string): Promise<void> {
  const found = (await readFile(file, 'utf8')).trim();
  if (found !== expected) throw new Error(`${file} reads "${found}" after writing "${expected}"`);
}

/** A cgroup of the agent's own for one measured process. */
export class CpuCgroup {
  constructor(
    readonly version: CgroupVersion,
    readonly folder: string,
  ) {}

  /** @throws Error of the file system where the kernel or its permissions refuse. */
  async create(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await this.version.writeQuota(this.folder, undefined);
  }

  /** Limits all processes in the cgroup together; `undefined` lifts the limit. */
  setQuota(quota: CpuQuota | undefined): Promise<void> {
    return this.version.writeQuota(this.folder, quota);
  }

  /** Moves a process in, with all its threads. */
  async add(pid: number): Promise<void> {
    await writeFile(join(this.folder, 'cgroup.procs'), String(pid));
  }

  /** The cgroup must be empty: the kernel refuses to remove one with processes. Removing it twice is fine. */
  async remove(): Promise<void> {
    await rmdir(this.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
}
