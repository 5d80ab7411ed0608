import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { processesWith, readEvents, testRedis, waitUntil, type TestRedis } from '#testkit';
import {
  QUEUES,
  callerOf,
  getJson,
  launch,
  postJson,
  readyUrl,
  dataFolder,
  type Caller,
  type DataFolder,
} from './launched.js';
import { registerMnist, TINY_NETWORK, TINY_TRAINING, tinyJob } from './tiny-job.js';

/** What trainings have left in a data directory. */
async function leftOf(folder: string): Promise<string[]> {
  const folders = [path.join(folder, 'work'), path.join(folder, 'artifacts', 'files', 'checkpoints')];
  return (await Promise.all(folders.map((each) => readdir(each).catch(() => [])))).flat();
}

describe.each(QUEUES)('the service with its queue on %s', (queue) => {
  let data: DataFolder;
  let redis: TestRedis | undefined;
  let base: string;
  let call: Caller;
  let service: ReturnType<typeof launch>;
  let datasetId: string;
  const start = async () => {
    service = launch('main.js', ['--data-dir', data.path], redis ? { REDIS_URL: redis.url } : {});
    base = await readyUrl(service);
    call = callerOf(data.path);
  };
  const submit = async (more: object = {}) => {
    const { status, body } = await postJson(call, `${base}/v1/jobs`, tinyJob(datasetId, more));
    expect([status, body.state]).toEqual([202, 'queued']);
    return body.id as string;
  };

  beforeAll(async () => {
    data = await dataFolder();
    if (queue === 'redis') redis = await testRedis();
    await start();
    datasetId = await registerMnist(call, base);
  });

  afterAll(async () => {
    service.process.kill('SIGINT');
    await service.exited;
    await redis?.stop();
    await data.remove();
  });

  test('is ready, says which queue it uses and describes its routes', async () => {
    expect(await getJson(call, `${base}/health/live`)).toMatchObject({ status: 'ok' });
    expect(JSON.stringify(await getJson(call, `${base}/health/ready`))).toContain(queue);
    const { paths } = await getJson(call, `${base}/openapi.json`);
    expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/v1/jobs', '/v1/jobs/{id}/events']));
  });

  test('trains without a device, streams every event once and publishes a bundle with its digest', async () => {
    const id = await submit();
    const events = await readEvents(call, `${base}/v1/jobs/${id}/events`);
    expect(events.map((e) => e.id)).toEqual(events.map((_, index) => index + 1));
    expect(events.at(-1)).toMatchObject({ type: 'state', data: { state: 'succeeded', version: 1 } });
    expect(new Set(events.filter((e) => e.type === 'progress').map((e) => e.data.progress.phase))).toEqual(
      new Set(['mask', 'joint', 'recalibrate', 'evaluate']),
    );
    expect(await readEvents(call, `${base}/v1/jobs/${id}/events`, { lastEventId: 3 })).toEqual(
      events.slice(3),
    );

    const version = await getJson(call, `${base}/v1/models/digits/versions/1`);
    expect(version.ratios.map((r: any) => r.ratio)).toEqual([0, 0.5]);
    expect(version.deployments).toEqual([]);
    const bundle = await call(new URL(version.bundle.url, base));
    const bytes = Buffer.from(await bundle.arrayBuffer());
    expect(bytes.length).toBe(version.bundle.bytes);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(version.bundle.digest);
  });

  test('refuses bad input by field, value and expectation, and stores nothing', async () => {
    const jobs = await getJson(call, `${base}/v1/jobs`);
    const { status, body } = await postJson(call, `${base}/v1/jobs`, {
      model: 'digits',
      network: TINY_NETWORK,
      datasetId: 'x',
      ratios: [0, 1.5],
    });
    expect([status, body.code]).toEqual([400, 'invalid_request']);
    expect(body.errors).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ field: 'datasetId', value: 'x', expected: expect.any(String) }),
        expect.objectContaining({
          field: 'ratios[1]',
          value: 1.5,
          expected: expect.stringContaining('0.95'),
        }),
      ]),
    );
    expect(await getJson(call, `${base}/v1/jobs`)).toEqual(jobs);
    const unknown = await call(`${base}/v1/jobs/00000000-0000-4000-8000-000000000000`);
    expect(unknown.status).toBe(404);
    expect(unknown.headers.get('content-type')).toContain('application/problem+json');
  });

  test('killed with SIGKILL leaves no process; started again it goes on and ends the job exactly once', async () => {
    const id = await submit({ model: 'survivor', training: { ...TINY_TRAINING, jointEpochs: 12 } });
    const isJoint = (e: { data: any }) => e.data.progress?.phase === 'joint';
    await readEvents(call, `${base}/v1/jobs/${id}/events`, { enough: isJoint });
    service.process.kill('SIGKILL');
    await service.exited;
    await waitUntil('no process left', () => processesWith(data.path).length === 0);

    await start();
    const events = await readEvents(call, `${base}/v1/jobs/${id}/events`);
    expect(events.map((e) => e.id)).toEqual(events.map((_, index) => index + 1));
    const resumed = events.filter((e) => e.type === 'resumed');
    expect(resumed).toMatchObject([{ data: { attempt: 2, progress: { stage: 'train' } } }]);
    expect(events.filter((e) => e.type === 'accuracy')).toHaveLength(2);
    expect(events.filter((e) => e.data.state === 'succeeded')).toHaveLength(1);
    // A worker removes its attempt's folder, and the job's checkpoints, behind the candidate.
    await waitUntil('nothing is left of the training', async () => (await leftOf(data.path)).length === 0);
    expect(await getJson(call, `${base}/v1/jobs/${id}`)).toMatchObject({ state: 'succeeded', version: 1 });
    expect((await getJson(call, `${base}/v1/models/survivor`)).latestVersion).toBe(1);
  });

  test('Ctrl-C during a training ends everything, with exit code 0', async () => {
    const id = await submit({ model: 'interrupted', training: { ...TINY_TRAINING, jointEpochs: 200 } });
    await readEvents(call, `${base}/v1/jobs/${id}/events`, { enough: (e) => e.type === 'progress' });
    service.process.kill('SIGINT');
    expect(await service.exited).toBe(0);
    expect(processesWith(data.path)).toEqual([]);
  });
});
