import type { Job } from '#contracts';
import { startJobsApi, type JobsApi } from '../testing/bits-dataset.js';

let api: JobsApi;
beforeEach(async () => void (api = await startJobsApi()));
afterEach(() => api.close());

const POINTS = [{ name: 'fast', cpuHz: 2e9 }];
const nothingHappens = () => api.store.query(`UPDATE "Job" SET "updatedAt" = now() - interval '1 minute'`);
const reasonsOf = async ({ id }: Job) => {
  const { body } = await api.get<Job>(`/v1/jobs/${id}`);
  const list = await api.get<{ items: Job[] }>('/v1/jobs?state=running');
  expect(list.body.items.find((job) => job.id === id)).toEqual(body);
  return body.waiting?.reason;
};

test('a job with a profile tells whoever asks what it waits for, from its submission on', async () => {
  const device = (
    await api.post<{ id: string }>('/v1/devices', { name: 'jetson-1', operatingPoints: POINTS })
  ).body;
  const profile = {
    ...{ deviceId: device.id, ratios: [0, 0.5] },
    target: { kind: 'fastest-at-ratio', ratio: 0 },
  };
  const { body: job } = await api.post<Job>('/v1/jobs', api.jobRequest({ ratios: undefined, profile }));
  expect(job).toMatchObject({ state: 'running', stage: 'measure' });
  expect(await reasonsOf(job)).toBeUndefined();
  await nothingHappens();
  expect(await reasonsOf(job)).toBe('no worker is alive');

  await api.service.jobs.requestMeasuring(job.id);
  expect(await reasonsOf(job)).toBeUndefined();
  await nothingHappens();
  expect(await reasonsOf(job)).toBe('no agent of device "jetson-1" has ever asked for work');

  const agent = { name: 'agent', version: '1' };
  const wanted = { deviceId: device.id, agent, waitSeconds: 0 };
  expect((await api.post('/v1/measuring-tasks/lease', wanted)).status).toBe(200);
  expect(await reasonsOf(job)).toBeUndefined();
  expect((await api.get(`/v1/devices/${device.id}`)).body).toEqual(device);
});
