import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '#testkit';
import type { CpuCgroup } from './cpu-cgroup.js';
import { findCpuCgroup } from './find-cpu-cgroup.js';
import { QuotaController } from './quota-controller.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder('cgroup');
});
afterEach(() => folder.remove());

const own = `isochron-agent-${process.pid}`;

/** A v2 hierarchy as far as the agent sees it: plain folders and files in the kernel's places. */
async function fakeV2(membership: string): Promise<{ root: string; membershipFile: string }> {
  const root = join(folder.path, 'cgroup');
  const leaf = join(root, membership);
  await mkdir(leaf, { recursive: true });
  await writeFile(join(root, 'cgroup.controllers'), 'cpu memory\n');
  await writeFile(join(leaf, 'cgroup.subtree_control'), 'memory\n');
  const membershipFile = join(folder.path, 'membership');
  await writeFile(membershipFile, `1:name=systemd:/else\n0::${membership}\n`);
  return { root, membershipFile };
}

async function foundIn(options: { root: string; membershipFile: string }): Promise<CpuCgroup> {
  const found = await findCpuCgroup(options);
  if ('reason' in found) throw new Error(found.reason);
  return found;
}

describe('a delegated v2 cgroup', () => {
  it('gets the CPU controller, a quota per share and the measured process', async () => {
    const options = await fakeV2('/agent.slice/agent.service');
    const controller = new QuotaController(await foundIn(options));
    expect(controller.kind).toBe('cgroup-v2-quota');
    const parent = join(options.root, 'agent.slice/agent.service');
    const file = (name: string) => readFile(join(parent, own, name), 'utf8');
    expect(await readFile(join(parent, 'cgroup.subtree_control'), 'utf8')).toBe('+cpu');

    const target = { pid: 4711, threads: 2 };
    const applied = await controller.apply({ name: 'slow', emulatedCpuShare: 0.6 }, target);
    expect(applied).toEqual({ requestedCpuShare: 0.6 });
    expect(await file('cpu.max')).toBe('24000 20000');
    expect(await file('cgroup.procs')).toBe('4711');

    await controller.release();
    expect(await file('cpu.max')).toBe('max 10000');

    // The kernel's files vanish with their cgroup.
    for (const name of ['cpu.max', 'cgroup.procs']) await rm(join(parent, own, name));
    await controller.restore();
    expect(await readdir(parent)).toEqual(['cgroup.subtree_control']);
  });

  it('is looked for upwards when its own place refuses', async () => {
    const options = await fakeV2('/agent.slice/agent.service');
    await rm(join(options.root, 'agent.slice/agent.service/cgroup.subtree_control'));
    await writeFile(join(options.root, 'agent.slice/cgroup.subtree_control'), 'cpu memory\n');
    await foundIn(options);
    expect(await readdir(join(options.root, 'agent.slice'))).toContain(own);
  });

  it('is looked for upwards when its own place lets a cgroup be made but no process in, and is left as it was', async () => {
    const options = await fakeV2('/agent.slice/agent.service');
    const place = join(options.root, 'agent.slice/agent.service');
    // A plain folder takes what the kernel would write itself.
    await mkdir(join(place, own));
    await writeFile(join(place, own, 'cgroup.type'), 'domain invalid\n');
    await writeFile(join(options.root, 'agent.slice/cgroup.subtree_control'), 'cpu memory\n');
    expect((await foundIn(options)).folder).toBe(join(options.root, 'agent.slice', own));
    expect(await readFile(join(place, 'cgroup.subtree_control'), 'utf8')).toBe('-cpu');
  });

  it('loses the cgroups of agents that died', async () => {
    const options = await fakeV2('/agent.service');
    const parent = join(options.root, 'agent.service');
    const dead = 'isochron-agent-2147483646';
    await mkdir(join(parent, dead));
    await mkdir(join(parent, 'isochron-agent-1'));
    await foundIn(options);
    const left = await readdir(parent);
    expect(left).not.toContain(dead);
    expect(left).toContain('isochron-agent-1');
  });

  it('refuses a point without a share and says what would help', async () => {
    const controller = new QuotaController(await foundIn(await fakeV2('/agent.service')));
    const applying = controller.apply({ name: 'fast', cpuHz: 2e9 }, { pid: 4711, threads: 1 });
    await expect(applying).rejects.toThrow(/"fast" has no emulatedCpuShare.*--real-clocks/);
  });
});

it('without any place for a cgroup the reason is told', async () => {
  const empty = await findCpuCgroup({ root: folder.path, membershipFile: join(folder.path, 'none') });
  expect(empty).toEqual({ reason: `no CPU cgroup hierarchy under ${folder.path}` });
  const options = await fakeV2('/agent.service');
  await rm(join(options.root, 'agent.service/cgroup.subtree_control'));
  expect(await findCpuCgroup(options)).toMatchObject({ reason: expect.stringContaining('ENOENT') });
});
