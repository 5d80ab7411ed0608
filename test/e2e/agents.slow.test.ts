import { randomUUID } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Device, LatencyTable, SampledLatencyCell, MeasuringTask, NewEnrolmentKey } from '#contracts';
import { temporaryFolder, waitUntil } from '#testkit';
import { AgentProcesses, type AgentProcess } from '../../apps/agent/src/agent-process.fixture.js';
import { startTestApi, type TestApi } from '../../apps/api/src/testing/test-api.js';

const POINTS = [
  { name: 'full', emulatedCpuShare: 1 },
  { name: 'half', emulatedCpuShare: 0.5 },
];
const RATIOS = [0, 0.2, 0.4];

let api: TestApi;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let agents: AgentProcesses;
beforeAll(async () => void (api = await startTestApi({}, { leaseMs: 2_000 })));
afterAll(() => api.close());
beforeEach(async () => {
  folder = await temporaryFolder('agents');
  agents = new AgentProcesses();
});
afterEach(async () => {
  agents.killAll();
  await folder.remove();
});

const newDevice = async () => {
  const name = `board-${randomUUID().slice(0, 8)}`;
  return (await api.post<Device>('/v1/devices', { name, operatingPoints: POINTS })).body;
};
const newTask = async (deviceId: string, minSampleMs = 20) => {
  const { status, body } = await api.post<MeasuringTask>('/v1/measuring-tasks', {
    ...{ deviceId, network: { family: 'resnet', depth: 8, widthMultiplier: 0.25 }, classes: 2 },
    ...{ input: { channels: 1, height: 8, width: 8 }, ratios: RATIOS, channelMultiple: 1 },
    protocol: {
      batch: 4,
      samples: 3,
      maxSamples: 3,
      minSampleMs,
      coolDownSeconds: 0,
      referenceEveryCells: 0,
    },
  });
  expect(status).toBe(201);
  return body.id;
};
const taskOf = async (id: string) => (await api.get<MeasuringTask>(`/v1/measuring-tasks/${id}`)).body;
const isCompleted = async (id: string) => (await taskOf(id)).state === 'completed';
const start = async (device: string, dataDir: string, ...args: string[]): Promise<AgentProcess> =>
  agents.start(
    [...['--server', api.url, '--device', device, '--data-dir', path.join(folder.path, dataDir)], ...args],
    { ISOCHRON_API_KEY: await api.keyOf(api.store.actor, 'device', device) },
  );

describe('an agent with an enrolment key', () => {
  it('registers its device, keeps who it is for itself, and then measures without being told more', async () => {
    const { body: key } = await api.post<NewEnrolmentKey>('/v1/enrolment-keys', { name: 'lab', maxUses: 1 });
    const dataDir = path.join(folder.path, 'agent');
    const name = 'enrolled-board';
    // As the kernel names the chip; clocks that could be pinned are not there.
    const sysfs = path.join(folder.path, 'sys');
    await mkdir(path.join(sysfs, 'devices/soc0'), { recursive: true });
    await writeFile(path.join(sysfs, 'devices/soc0/machine'), 'RK3588\n');
    const enrolling = () =>
      agents.start([
        ...['enrol', '--server', api.url, '--key', key.key, '--name', name, '--emulate', '--max-points', '2'],
        ...['--data-dir', dataDir, '--sysfs', sysfs, '--label', 'rack=7', '--label', 'note=a=b'],
      ]);
    const first = enrolling();
    expect([await first.exit, first.output()]).toEqual([
      0,
      expect.stringContaining(`enrolled as device "${name}"`),
    ]);
    const again = enrolling();
    expect([await again.exit, again.output()]).toEqual([0, first.output()]);

    const file = path.join(dataDir, 'agent.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { enrolment } = JSON.parse(await readFile(file, 'utf8'));
    const { body: device } = await api.get<Device>(`/v1/devices/${enrolment.deviceId}`);
    expect(device).toMatchObject({ soc: 'RK3588', labels: { rack: '7', note: 'a=b' } });
    expect(device.operatingPoints.map((point) => point.emulatedCpuShare)).toEqual([1, 0.25]);

    const task = await newTask(device.id);
    const agent = agents.start(['run', '--data-dir', dataDir, '--once']);
    expect([await agent.exit, (await taskOf(task)).state]).toEqual([0, 'completed']);
    const { latencyTableId } = await taskOf(task);
    const { body: table } = await api.get<LatencyTable>(`/v1/latency-tables/${latencyTableId}`);
    expect(table.cells).toHaveLength(6);
    expect(table.cells[0]!.provenance).toMatchObject({ attempts: 1, sampling: { endedBy: 'max-samples' } });
  });

  it('is refused with another key, and says why', async () => {
    const agent = agents.start([
      ...['enrol', '--server', api.url, '--key', 'isochron_ek_wrong', '--name', 'nobody'],
      ...['--data-dir', folder.path],
    ]);
    expect(await agent.exit).toBe(1);
    expect(agent.output()).toContain('there is no such enrolment key');
  });
});

describe('several agents', () => {
  it('of one device measure every task once', async () => {
    const device = await newDevice();
    const tasks = [await newTask(device.id), await newTask(device.id), await newTask(device.id)];
    const both = [await start(device.id, 'one'), await start(device.id, 'two')];
    for (const task of tasks) await waitUntil('the task', () => isCompleted(task), 90_000);
    const output = both.map((agent) => agent.output()).join('');
    for (const task of tasks) {
      expect(
        output.split('\n').filter((line) => line.includes(task) && line.includes('task leased')),
      ).toHaveLength(1);
    }
    for (const agent of both) agent.child.kill('SIGTERM');
    expect(await Promise.all(both.map((agent) => agent.exit))).toEqual([0, 0]);
  });

  it('finish what a killed one has begun, and measure none of its cells again', async () => {
    const device = await newDevice();
    const task = await newTask(device.id, 60);
    const killed = await start(device.id, 'one');
    await waitUntil('two cells', async () => (await taskOf(task)).cellsDone >= 2, 60_000);
    killed.child.kill('SIGKILL');
    await killed.exit;
    const { cellsDone } = await taskOf(task);
    const other = await start(device.id, 'two', '--once');
    expect([await other.exit, (await taskOf(task)).state]).toEqual([0, 'completed']);
    expect(other.output().match(/"msg":"cell measured"/g)).toHaveLength(6 - cellsDone);
  });
});

it('an agent that replays a recorded table says so in every cell', async () => {
  const device = await newDevice();
  const task = await newTask(device.id);
  const cells = POINTS.flatMap((point) =>
    RATIOS.map((ratio) => ({
      operatingPoint: point.name,
      ratio,
      samplesMs: [10 * (1 - ratio), 11 * (1 - ratio)],
    })),
  );
  const file = path.join(folder.path, 'table.json');
  await writeFile(file, JSON.stringify({ cells }));
  const agent = await start(device.id, 'recorded', '--once', '--recorded', file, '--seed', '7');
  expect(await agent.exit).toBe(0);
  const { latencyTableId } = await taskOf(task);
  const { body: table } = await api.get<LatencyTable>(`/v1/latency-tables/${latencyTableId}`);
  expect(table.emulated).toBe(true);
  for (const { index, provenance, sampleCount } of table.cells) {
    expect(provenance).toMatchObject({
      runner: 'recorded',
      runnerVersion: 'seed 7',
      clockController: 'recorded',
    });
    expect(sampleCount).toBe(3);
    const { body: cell } = await api.get<SampledLatencyCell>(
      `/v1/latency-tables/${latencyTableId}/cells/${index}`,
    );
    expect(cell.samplesMs).toHaveLength(3);
  }
});
