import { Redis } from 'ioredis';
import { readEvents, testRedis, type SeenEvent, type TestRedis } from '#testkit';
import {
  QUEUES,
  callerOf,
  dataFolder,
  getJson,
  launch,
  postJson,
  readyUrl,
  type Caller,
  type DataFolder,
} from './launched.js';
import { registerMnist, TINY_TRAINING, tinyJob } from './tiny-job.js';

/** A queue that lost everything is put right a minute later. */
const WITH_RECOVERY_MS = 400_000;

/** Real API and worker processes; two trainings at once. */
describe.each(QUEUES)('sweeps with the queue on %s', (queue) => {
  let data: DataFolder;
  let redis: TestRedis | undefined;
  let base: string;
  let call: Caller;
  let service: ReturnType<typeof launch>;
  let datasetId: string;
  beforeAll(async () => {
    data = await dataFolder();
    if (queue === 'redis') redis = await testRedis();
    const env = { WORKER_CONCURRENCY: '2', ...(redis && { REDIS_URL: redis.url }) };
    service = launch('main.js', ['--data-dir', data.path], env);
    base = await readyUrl(service);
    call = callerOf(data.path);
    datasetId = await registerMnist(call, base);
  });
  afterAll(async () => {
    service.process.kill('SIGINT');
    await service.exited;
    await redis?.stop();
    await data.remove();
  });

  const submit = async (sweep: object, training: object = {}, more: object = {}) => {
    const changes = { model: 'swept', ...more, training: { ...TINY_TRAINING, ...training } };
    const request = { base: tinyJob(datasetId, changes), ...sweep };
    const { status, body } = await postJson(call, `${base}/v1/sweeps`, request);
    expect([status, body.state]).toEqual([202, 'running']);
    return { ...body, url: `${base}/v1/sweeps/${body.id}` };
  };
  const hasBegun = ({ data: { type, state } }: SeenEvent) => type === 'job' && state === 'running';
  const expectGapless = (events: readonly SeenEvent[]) =>
    expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));

  test(
    `two seeds by two methods are trained, published and compared${queue === 'redis' ? ', though the queue forgets everything meanwhile' : ''}`,
    async () => {
      const axes = { seeds: [1, 2], methods: ['all-in-one', 'uniform-slimmable'] };
      const sweep = await submit({ axes });
      if (redis) {
        await readEvents(call, `${sweep.url}/events`, { enough: hasBegun });
        const client = new Redis(redis.url);
        await client.flushall();
        client.disconnect();
      }
      const events = await readEvents(call, `${sweep.url}/events`);
      expectGapless(events);
      expect(events.at(-1)).toMatchObject({ type: 'state', data: { state: 'succeeded' } });
      expect(
        events.filter(({ data: { type, state } }) => type === 'job' && state === 'succeeded'),
      ).toHaveLength(4);
      const read = await getJson(call, sweep.url);
      expect(read).toMatchObject({ state: 'succeeded', counts: { succeeded: 4 } });
      expect(read.children.map(({ version }: any) => version).sort()).toEqual([1, 2, 3, 4]);
      expect((await getJson(call, `${base}/v1/models/swept`)).latestVersion).toBe(4);
      const { rows, groups } = await getJson(call, `${sweep.url}/comparison`);
      expect(rows.map(({ values }: any) => values)).toEqual(sweep.children.map(({ values }: any) => values));
      expect(groups.map(({ values, jobIds }: any) => [values, jobIds.length])).toEqual([
        [{ method: 'all-in-one' }, 2],
        [{ method: 'uniform-slimmable' }, 2],
      ]);
      for (const { ratios } of groups) {
        for (const { accuracy } of ratios) {
          expect(accuracy).toMatchObject({ seeds: 2, standardDeviation: expect.any(Number) });
          expect(accuracy.mean).toBeGreaterThan(0);
        }
      }
      const page = await call(`${sweep.url}/comparison.md`);
      expect(await page.text()).toContain('| method | seeds | 0 | 0.5 | time |');
    },
    WITH_RECOVERY_MS,
  );

  test('whose jobs diverge says so, and keeps what there is to compare', async () => {
    const diverging = { learningRate: 10, weightDecay: 1, jointEpochs: 20 };
    const sweep = await submit({ axes: { seeds: [1, 2] } }, diverging, { model: 'diverging' });
    const events = await readEvents(call, `${sweep.url}/events`);
    expectGapless(events);
    expect(events.at(-1)!.data).toMatchObject({ state: 'failed', failed: 'all' });
    const { children } = await getJson(call, sweep.url);
    expect(children.map(({ error }: any) => error.code)).toEqual(['training_diverged', 'training_diverged']);
    const { rows, groups } = await getJson(call, `${sweep.url}/comparison`);
    expect([rows.length, groups]).toEqual([2, []]);
    expect(await (await call(`${sweep.url}/comparison.md`)).text()).toContain('training_diverged');
  });

  test('is cancelled in the middle: no other job begins', async () => {
    const axes = { seeds: [1, 2, 3, 4] };
    const sweep = await submit({ axes, maxParallel: 1 }, { jointEpochs: 500 }, { model: 'cancelled' });
    await readEvents(call, `${sweep.url}/events`, { enough: hasBegun });
    const { status } = await postJson(call, `${sweep.url}/cancel`, {});
    expect(status).toBe(202);
    const events = await readEvents(call, `${sweep.url}/events`);
    expectGapless(events);
    expect(events.at(-1)!.data).toMatchObject({ state: 'cancelled' });
    expect(events.filter(hasBegun)).toHaveLength(1);
    expect(await getJson(call, sweep.url)).toMatchObject({ state: 'cancelled', counts: { cancelled: 4 } });
  });
});
