import type { Calibration, Deployment, Device, Job, LatencyTable, MeasuringTask, Sweep } from '#contracts';
import { aWorker, publishDeployment, storedRegistry } from '#testkit';
import { registerBits } from './bits-dataset.js';
import type { TestApi } from './test-api.js';

const POINTS = [
  { name: 'fast', cpuHz: 2e9 },
  { name: 'slow', cpuHz: 1e9 },
];
const NETWORK = { family: 'resnet', depth: 8, widthMultiplier: 0.25 };
const CSV = ['fast,0,10', 'fast,0.5,6', 'slow,0,20', 'slow,0.5,12'];

/** A team with a resource of every kind, made with `api.key`. */
export interface FilledTeam {
  readonly datasetId: string;
  readonly device: Device;
  readonly job: Job;
  readonly sweep: Sweep;
  readonly task: MeasuringTask;
  readonly table: LatencyTable;
  readonly calibration: Calibration;
  readonly deployment: Deployment;
  readonly enrolmentKeyId: string;
  readonly apiKeyId: string;
  readonly webhookId: string;
  readonly uploadId: string;
  /** Trains jobs of this team alone. */
  readonly workerId: string;
}

export async function fillTeam(api: TestApi): Promise<FilledTeam> {
  const made = async <T>(path: string, body: object, method: 'post' | 'put' = 'post'): Promise<T> => {
    const answer = await api[method]<T>(path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const datasetId = await registerBits(api);
  const job = await made<Job>('/v1/jobs', { model: 'bits', network: NETWORK, datasetId, ratios: [0, 0.3] });
  const sweep = await made<Sweep>('/v1/sweeps', {
    ...{ base: { model: 'swept', network: NETWORK, datasetId }, axes: { ratios: [[0], [0, 0.3]] } },
  });
  const device = await made<Device>('/v1/devices', { name: 'board', operatingPoints: POINTS });
  const task = await made<MeasuringTask>('/v1/measuring-tasks', {
    ...{ deviceId: device.id, network: NETWORK, input: { channels: 1, height: 8, width: 8 }, classes: 2 },
    ...{ ratios: [0, 0.5], channelMultiple: 1 },
  });
  const table = await importTable(api, device);
  const calibration = await made<Calibration>('/v1/calibrations', { latencyTableId: table.id, save: true });
  const deployment = await publishDeployment(storedRegistry(api.store.storage), api.store.actor);
  const { id: enrolmentKeyId } = await made<{ id: string }>('/v1/enrolment-keys', { name: 'lab' });
  const { id: apiKeyId } = await made<{ id: string }>('/v1/api-keys', { name: 'reader', role: 'viewer' });
  const { id: webhookId } = await made<{ id: string }>('/v1/webhooks', { url: 'https://example.org/hook' });
  await made('/v1/models/digits/aliases/stable', { version: 1 }, 'put');
  const { id: uploadId } = await made<{ id: string }>('/v1/uploads', { digest: '1'.repeat(64), bytes: 9 });
  const { actor, storage } = api.store;
  const { id: workerId } = await storage.workers.heartbeat(aWorker({ teamId: actor.teamId }), []);
  return {
    ...{ datasetId, job, sweep, device, task, table, calibration, deployment },
    ...{ enrolmentKeyId, apiKeyId, webhookId, workerId, uploadId },
  };
}

async function importTable(api: TestApi, device: Device): Promise<LatencyTable> {
  const form = new FormData();
  form.append('options', JSON.stringify({ format: 'csv' }));
  form.append('file', new Blob([['operating_point,ratio,latency_ms', ...CSV].join('\n')]), 'cells.csv');
  const init = { method: 'POST', body: form };
  const response = await api.fetch(`/v1/devices/${device.id}/latency-tables`, init);
  const { id } = (await response.json()) as { id: string };
  return (await api.get<LatencyTable>(`/v1/latency-tables/${id}`)).body;
}
