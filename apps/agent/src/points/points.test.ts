import { temporaryFolder } from '#testkit';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentProcesses } from '../agent-process.fixture.js';

const agents = new AgentProcesses();
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => void (folder = await temporaryFolder('points')));
afterEach(async () => {
  agents.killAll();
  await folder.remove();
});

async function points(...args: string[]): Promise<{ code: unknown; output: string }> {
  const agent = agents.start(['points', '--sysfs', folder.path, ...args]);
  return { code: await agent.exit, output: agent.output() };
}

async function addPolicy(): Promise<void> {
  const policy = join(folder.path, 'devices/system/cpu/cpufreq/policy0');
  await mkdir(policy, { recursive: true });
  const files = {
    ...{ scaling_governor: 'schedutil', scaling_available_frequencies: '600000 1200000 1800000' },
    ...{ scaling_min_freq: '600000', scaling_max_freq: '1800000', scaling_cur_freq: '600000' },
    ...{ cpuinfo_min_freq: '600000', cpuinfo_max_freq: '1800000', related_cpus: '0 1 2 3' },
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(policy, name), `${text}\n`);
}

describe('isochron-agent points', () => {
  it('shows clocks and operating points', async () => {
    await addPolicy();
    const { code, output } = await points();
    expect(code).toBe(0);
    expect(output).toContain(
      'policy0 (cpu), CPUs 0 1 2 3, 600..1800 MHz, 3 clocks, governor schedutil, can be pinned',
    );
    expect(output).toContain('cpu-1200mhz: cpuHz 1200000000');
  });

  it('offers emulated points where there is no clock to pin, and says so', async () => {
    const { code, output } = await points();
    expect(code).toBe(0);
    expect(output).toMatch(/Clocks:\n {2}none/);
    expect(output).toContain('EMULATED');
    expect(output).toContain('emulated-060pct: emulatedCpuShare 0.6');
  });

  it('prints JSON for programs', async () => {
    await addPolicy();
    const found = JSON.parse((await points('--json', '--max-points', '2')).output) as unknown;
    expect(found).toMatchObject({
      emulated: false,
      operatingPoints: [
        { name: 'max', cpuHz: 1.8e9 },
        { name: 'cpu-600mhz', cpuHz: 0.6e9 },
      ],
      clocks: [{ name: 'policy0', axis: 'cpu' }],
    });
  });

  it('refuses clocks that it does not know', async () => {
    const { code, output } = await points('--clocks', 'cpu,npu');
    expect(code).toBe(1);
    expect(output).toContain('"cpu,npu", expected some of cpu, gpu, mem, separated by commas');
  });
});
