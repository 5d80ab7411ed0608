import { access, readFile, readdir, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isProcessAlive } from '#runtime';
import { CGROUP_V1, CGROUP_V2, CpuCgroup, type CgroupVersion } from './cpu-cgroup.js';

export interface CgroupOptions {
  /** Where the cgroup file systems are mounted. */
  readonly root?: string;
  /** The process's own place in them, as the kernel lists it. */
  readonly membershipFile?: string;
}

const PREFIX = 'isochron-agent-';
const SUBTREE_CONTROL = 'cgroup.subtree_control';

/**
 * Finds a place where this process may limit the CPU time of a child, by really creating a cgroup and writing to it.
 * Tried from the process's own cgroup up to the root, v1 before v2. Cgroups of agents that died are removed on the way.
 * @returns the created cgroup, or why none could be created.
 */
export async function findCpuCgroup(options: CgroupOptions = {}): Promise<CpuCgroup | { reason: string }> {
  const { root = '/sys/fs/cgroup', membershipFile = '/proc/self/cgroup' } = options;
  const reasons: string[] = [];
  for (const { version, parent } of await candidates(root, membershipFile)) {
    await removeStale(parent);
    const cgroup = new CpuCgroup(version, join(parent, `${PREFIX}${process.pid}`));
    let disableAgain = false;
    try {
      if (version === CGROUP_V2) disableAgain = await enableCpu(parent);
      await cgroup.create();
      if (version === CGROUP_V2) await expectDomain(cgroup.folder);
      return cgroup;
    } catch (error) {
      reasons.push((error as Error).message);
      await cgroup.remove().catch(() => undefined);
      if (disableAgain) await writeFile(join(parent, SUBTREE_CONTROL), '-cpu').catch(() => undefined);
    }
  }
  return { reason: reasons[0] ?? `no CPU cgroup hierarchy under ${root}` };
}

interface Candidate {
  version: CgroupVersion;
  parent: string;
}

async function candidates(root: string, membershipFile: string): Promise<Candidate[]> {
  const membership = await readFile(membershipFile, 'utf8').catch(() => '');
  const found: Candidate[] = [];
  for (const mount of [join(root, 'cpu,cpuacct'), join(root, 'cpu')]) {
    if (!(await exists(join(mount, 'cgroup.procs')))) continue;
    const own = ownPath(membership, (controllers) => controllers.split(',').includes('cpu'));
    found.push(...upwards(mount, own).map((parent) => ({ version: CGROUP_V1, parent })));
  }
  if (await exists(join(root, 'cgroup.controllers'))) {
    const own = ownPath(membership, (controllers) => controllers === '');
    found.push(...upwards(root, own).map((parent) => ({ version: CGROUP_V2, parent })));
  }
  return found;
}

/** Lines are `id:controllers:path`; v2 has one line without controllers. */
function ownPath(membership: string, matches: (controllers: string) => boolean): string {
  const lines = membership.split('\n').map((line) => /^\d+:([^:]*):(.*)$/.exec(line));
  return lines.find((line) => line && matches(line[1]!))?.[2] ?? '/';
}

/** `/a/b` under a mount: `mount/a/b`, `mount/a`, `mount`. Paths outside of the mount (`/../x`) count as its root. */
function upwards(mount: string, path: string): string[] {
  const folders = [mount];
  if (!path.split('/').includes('..')) {
    for (let at = path; at !== '/' && at !== '.'; at = dirname(at)) folders.splice(-1, 0, join(mount, at));
  }
  return folders;
}

/** A v2 cgroup gives its children the CPU controller only when told. @returns whether it had to be told */
async function enableCpu(parent: string): Promise<boolean> {
  const file = join(parent, SUBTREE_CONTROL);
  const enabled = (await readFile(file, 'utf8')).split(/\s+/);
  if (enabled.includes('cpu')) return false;
  await writeFile(file, '+cpu');
  return true;
}

/** Under a v2 cgroup that holds processes itself the kernel lets a cgroup be made, with a quota, but lets no process in. */
async function expectDomain(folder: string): Promise<void> {
  const type = (await readFile(join(folder, 'cgroup.type'), 'utf8').catch(() => 'domain')).trim();
  if (type !== 'domain') throw new Error(`${folder} is "${type}" and takes no process`);
}

async function removeStale(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((n) => n.startsWith(PREFIX))) {
    const pid = Number(name.slice(PREFIX.length));
    // A process of another container may look dead from here: its cgroup is not empty, and the kernel keeps it.
    if (!isProcessAlive(pid)) await rmdir(join(parent, name)).catch(() => undefined);
  }
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );
