import { randomUUID } from 'node:crypto';
import type { Device, EnrolledDevice, LeasedTask, MeasuringTask } from '#contracts';
import { deployVersion, publishBundle, publishDeployment, storedRegistry } from '#testkit';
import { expectProblem, startTestApi, type TestApi } from '../testing/test-api.js';

const POINTS = [{ name: 'half', emulatedCpuShare: 0.5 }];
const AGENT = { name: 'agent', version: '1' };

let api: TestApi;
let enrolmentKey: string;
beforeAll(async () => {
  api = await startTestApi();
  enrolmentKey = (await api.post('/v1/enrolment-keys', { name: 'lab' })).body.key;
});
afterAll(() => api.close());

const as = (key: string) => ({ authorization: `Bearer ${key}` });
const enrol = async (name: string, installationId = randomUUID()) => {
  const body = { installationId, name, operatingPoints: POINTS };
  return (await api.post<EnrolledDevice>('/v1/enrolments', body, as(enrolmentKey))).body;
};
/** A network of its own width, so that no two tasks name the same files. */
const newTask = async ({ id: deviceId }: Pick<Device, 'id'>, widthMultiplier: number) => {
  const { body } = await api.post<MeasuringTask>('/v1/measuring-tasks', {
    ...{ deviceId, network: { family: 'resnet', depth: 8, widthMultiplier }, classes: 2, ratios: [0] },
    ...{ input: { channels: 1, height: 8, width: 8 }, channelMultiple: 1, protocol: { batch: 4 } },
  });
  return body;
};

test('enrolment gives a key for the device; doing it again gives another, and the old one is refused', async () => {
  const installation = randomUUID();
  const first = await enrol('renewed', installation);
  expect((await api.get(`/v1/devices/${first.id}`, as(first.apiKey))).status).toBe(200);
  expect((await api.get('/v1/me', as(first.apiKey))).body.key).toMatchObject({
    ...{ role: 'device', name: 'renewed', deviceId: first.id },
  });
  const second = await enrol('renewed', installation);
  expect(second.id).toBe(first.id);
  expectProblem(await api.get('/v1/me', as(first.apiKey)), 401, 'unauthenticated');
  expect((await api.get('/v1/me', as(second.apiKey))).status).toBe(200);
});

test('of several enrolments of one installation at the same time one key is left', async () => {
  const installation = randomUUID();
  const answers = await Promise.all([1, 2, 3, 4].map(() => enrol('hasty', installation)));
  const statuses = await Promise.all(
    answers.map(async ({ apiKey }) => (await api.get('/v1/me', as(apiKey))).status),
  );
  expect(statuses.sort()).toEqual([200, 401, 401, 401]);
});

test('enrolment leaves the keys alone that were made for the device by hand', async () => {
  const installation = randomUUID();
  const { id: deviceId } = await enrol('two-keys', installation);
  const key = await api.keyOf(api.store.actor, 'device', deviceId);
  await enrol('two-keys', installation);
  expect((await api.get('/v1/me', as(key))).status).toBe(200);
});

describe('a key of role device', () => {
  let own: EnrolledDevice;
  let other: EnrolledDevice;
  let ownTask: MeasuringTask;
  let otherTask: MeasuringTask;
  let headers: Record<string, string>;
  beforeAll(async () => {
    [own, other] = [await enrol('own'), await enrol('other')];
    [ownTask, otherTask] = [await newTask(own, 0.25), await newTask(other, 0.5)];
    headers = as(own.apiKey);
  });

  test('leases the tasks of its device, and tells how they go', async () => {
    const lease = { deviceId: own.id, agent: AGENT, waitSeconds: 0 };
    const { body: task } = await api.post<LeasedTask>('/v1/measuring-tasks/lease', lease, headers);
    expect(task.id).toBe(ownTask.id);
    const { leaseToken } = task;
    const path = `/v1/measuring-tasks/${task.id}`;
    expect((await api.post(`${path}/heartbeat`, { leaseToken }, headers)).status).toBe(200);
    expect((await api.get(path, headers)).status).toBe(200);
    const error = { code: 'x', message: 'no' };
    expect((await api.post(`${path}/fail`, { leaseToken, error }, headers)).status).toBe(200);
  });

  test('reads the networks that its tasks name, and no other file', async () => {
    const fileOf = (task: MeasuringTask) => `/v1/artifacts/${task.subnets[0]!.onnx.digest}`;
    expect((await api.get(fileOf(ownTask), headers)).status).toBe(200);
    expectProblem(await api.get(fileOf(otherTask), headers), 404, 'not_found');
  });

  test('finds nothing of other devices', async () => {
    const lease = { deviceId: other.id, agent: AGENT, waitSeconds: 0 };
    const refused = await api.post('/v1/measuring-tasks/lease', lease, headers);
    expect(expectProblem(refused, 400, 'invalid_request').errors?.[0]?.field).toBe('deviceId');
    const path = `/v1/measuring-tasks/${otherTask.id}`;
    const proof = { leaseToken: randomUUID() };
    const answers = [
      await api.get(path, headers),
      await api.get(`/v1/devices/${other.id}`, headers),
      await api.post(`${path}/heartbeat`, proof, headers),
      await api.post(`${path}/complete`, proof, headers),
      await api.post(`${path}/fail`, { ...proof, error: { code: 'x', message: 'x' } }, headers),
      await api.put(`${path}/cells/0`, proof, headers),
    ];
    for (const answer of answers) expectProblem(answer, 404, 'not_found');
  });

  test('posts field latencies of its own deployments', async () => {
    const registry = storedRegistry(api.store.storage);
    const deployment = await publishDeployment(registry, api.store.actor);
    const key = await api.keyOf(api.store.actor, 'device', deployment.deviceId);
    const path = `/v1/deployments/${deployment.id}`;
    const latencies = { operatingPoint: 'slow', latenciesMs: [10] };
    expect((await api.post(`${path}/field-latencies`, latencies, as(key))).status).toBe(200);
    expect((await api.get(`${path}/drift`, as(key))).status).toBe(200);
    expectProblem(await api.post(`${path}/field-latencies`, latencies, headers), 404, 'not_found');
    expectProblem(await api.get(path, headers), 404, 'not_found');
  });

  describe('of a device that a version is deployed on', () => {
    const ratioAt = { fast: 0, slow: 0.5 };
    const deployed = async () => {
      const { storage, actor } = api.store;
      const { version } = await publishBundle(storage, actor);
      const deployment = await deployVersion(storage, version, ratioAt);
      const { model, bundle } = version;
      return {
        model,
        bundle,
        deployment,
        path: `/v1/models/${model}`,
        version: `/v1/models/${model}/versions/1`,
      };
    };
    const keyOf = async ({ deviceId }: { deviceId: string }) =>
      as(await api.keyOf(api.store.actor, 'device', deviceId));

    test('reads its bundle, and no other version', async () => {
      const [ours, theirs] = [await deployed(), await deployed()];
      const key = await keyOf(ours.deployment);
      const answer = await api.fetch(`${ours.version}/bundle`, { headers: key });
      expect([answer.status, (await answer.arrayBuffer()).byteLength]).toEqual([200, ours.bundle.bytes]);
      for (const path of ['/bundle', '/deployments', '/addenda'])
        expectProblem(await api.get(`${theirs.version}${path}`, key), 404, 'not_found');
      expectProblem(await api.get(ours.version, key), 403, 'forbidden');
    });

    test('reads the subnets of its own points alone', async () => {
      const { version, deployment } = await deployed();
      const key = await keyOf(deployment);
      const subnets = `${version}/subnets?operatingPoint=slow&deviceId=`;
      expect((await api.get(subnets + deployment.deviceId, key)).status).toBe(200);
      const ofOther = expectProblem(await api.get(subnets + own.id, key), 400, 'invalid_request');
      expect(ofOther.errors).toMatchObject([{ field: 'deviceId', value: own.id }]);
    });

    test('lists the deployments of its device alone', async () => {
      const { storage } = api.store;
      const { model, deployment, version } = await deployed();
      const published = await storage.models.findVersion(api.store.actor, model, 1);
      const elsewhere = await deployVersion(storage, published!, ratioAt);
      const again = await deployVersion(storage, published!, ratioAt, deployment);
      const key = await keyOf(deployment);
      const idsOf = async (query: string, headers?: Record<string, string>) => {
        const { body } = await api.get(`${version}/deployments${query}`, headers);
        return body.items.map(({ id }: { id: string }) => id);
      };
      expect(await idsOf('', key)).toEqual([again.id, deployment.id]);
      expect(await idsOf(`?deviceId=${deployment.deviceId}`, key)).toEqual([again.id, deployment.id]);
      expect(await idsOf(`?deviceId=${elsewhere.deviceId}`)).toEqual([elsewhere.id]);
      expect(await idsOf('')).toHaveLength(3);
      const refused = await api.get(`${version}/deployments?deviceId=${elsewhere.deviceId}`, key);
      expect(expectProblem(refused, 400, 'invalid_request').errors?.[0]?.field).toBe('deviceId');
    });

    test('reads aliases that point to it, also at a time, and no others', async () => {
      const { model, path, bundle, deployment } = await deployed();
      const key = await keyOf(deployment);
      await api.put(`${path}/aliases/stable`, { version: 1 });
      const at = new Date().toISOString();
      for (const alias of ['stable', 'latest'])
        expect((await api.get(`${path}/aliases/${alias}`, key)).body).toMatchObject({
          ...{ version: 1, digest: bundle.digest },
        });
      expect((await api.fetch(`${path}/aliases/latest/bundle`, { headers: key })).status).toBe(200);
      expectProblem(await api.get(`${path}/aliases`, key), 403, 'forbidden');
      expectProblem(await api.get(`${path}/aliases/stable/history`, key), 403, 'forbidden');

      // Another version, which nobody deployed on it.
      await publishBundle(api.store.storage, api.store.actor, [0, 0.3], model);
      await api.put(`${path}/aliases/stable`, { version: 2 });
      for (const alias of ['stable', 'latest', 'stable/bundle', 'latest/bundle', 'never'])
        expectProblem(await api.get(`${path}/aliases/${alias}`, key), 404, 'not_found');
      const then = await api.get(`${path}/aliases/stable?at=${at}`, key);
      expect([then.status, then.body.version]).toEqual([200, 1]);
    });
  });

  test('reads and changes nothing else', async () => {
    const problem = expectProblem(await api.get('/v1/devices', headers), 403, 'forbidden');
    expect(problem.detail).toBe('the API key "own" has the role device; this needs viewer, member or admin');
    expectProblem(await api.post('/v1/devices', {}, headers), 403, 'forbidden');
  });
});
