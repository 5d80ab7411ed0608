import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { AppError } from '#contracts';
import { spawnService } from '#runtime';
import { TYPESCRIPT_NODE_OPTIONS, waitUntil } from '#testkit';
import { registerBits } from '../testing/bits-dataset.js';
import { expectProblem, startTestApi, type TestApi } from '../testing/test-api.js';

let api: TestApi;
let datasetId: string;
let deviceId: string;
beforeAll(async () => {
  api = await startTestApi();
  datasetId = await registerBits(api);
  deviceId = (await api.post('/v1/devices', device())).body.id;
});
afterAll(() => api.close());

const aKey = () => ({ 'idempotency-key': randomUUID() });
const network = { family: 'resnet', depth: 8, widthMultiplier: 0.25 };
const base = () => ({ model: 'digits', network, datasetId, training: { batchSize: 16, channelMultiple: 1 } });
const job = () => ({ ...base(), ratios: [0, 0.5] });
const sweep = () => ({ base: job(), axes: { seeds: [1, 2] } });
const device = () => ({ name: randomUUID(), operatingPoints: [{ name: 'fast', cpuHz: 2e9 }] });
const input = { channels: 1, height: 28, width: 28 };
const task = () => ({ deviceId, network, input, classes: 10, ratios: [0, 0.5], channelMultiple: 1 });
const idsOf = async (path: string): Promise<string[]> =>
  (await api.get(`${path}?limit=200`)).body.items.map(({ id }: { id: string }) => id);

/** A repository whose next row is written, or not, before the connection breaks. */
function breakOnce<Row, Made>(repository: { create(row: Row): Promise<Made> }, isWritten: boolean): void {
  const create = repository.create.bind(repository);
  repository.create = async (row) => {
    repository.create = create;
    if (isWritten) await create(row);
    throw new AppError('unavailable', 'the connection is gone');
  };
}

const CREATES = {
  job: { path: '/v1/jobs', body: job, lose: () => breakOnce(api.store.storage.jobs, true) },
  sweep: { path: '/v1/sweeps', body: sweep, lose: () => breakOnce(api.store.storage.sweeps, true) },
  device: { path: '/v1/devices', body: device, lose: () => breakOnce(api.store.storage.devices, true) },
  task: {
    ...{ path: '/v1/measuring-tasks', body: task },
    lose: () => breakOnce(api.store.storage.measuringTasks, true),
  },
};

test.each(Object.keys(CREATES) as (keyof typeof CREATES)[])(
  'of a %s whose acknowledgement was lost, the repeated request gives the one that was stored, at once',
  async (kind) => {
    const { path, body, lose } = CREATES[kind];
    const [request, key, before] = [body(), aKey(), await idsOf(path)];
    lose();
    expectProblem(await api.post(path, request, key), 503, 'unavailable');
    const again = await api.post(path, request, key);
    expect(await idsOf(path)).toEqual([again.body.id, ...before]);
    expect(again.headers.get('location')).toBe(`${path}/${again.body.id}`);
    expect((await api.post(path, request, key)).body).toEqual(again.body);
  },
);

test('a request that was tried in vain and is then refused keeps its key, for it may have been done', async () => {
  const [request, key] = [device(), aKey()];
  breakOnce(api.store.storage.devices, false);
  expectProblem(await api.post('/v1/devices', request, key), 503, 'unavailable');
  const { body: other } = await api.post('/v1/devices', request);
  expectProblem(await api.post('/v1/devices', request, key), 409, 'already_exists');
  expectProblem(await api.post('/v1/devices', device(), key), 422, 'idempotency_key_reused');
  await api.store.query('DELETE FROM "Device" WHERE id = $1', [other.id]);
  expect((await api.post('/v1/devices', request, key)).status).toBe(201);
});

/** Has the database do something before it keeps an answer. */
async function beforeAnswers(statement: string, work: () => Promise<void>): Promise<void> {
  await api.store.query(`
    CREATE FUNCTION before_answer() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${statement}; RETURN NEW; END $$;
    CREATE TRIGGER before_answer BEFORE UPDATE OF answer ON "IdempotencyKey" FOR EACH ROW
      WHEN (NEW.answer IS NOT NULL) EXECUTE FUNCTION before_answer();`);
  try {
    await work();
  } finally {
    await api.store.query('DROP FUNCTION before_answer CASCADE');
  }
}
const answered = (path: string, request: object, key: Record<string, string>) =>
  waitUntil('the request to be answered', async () => {
    const answer = await api.post(path, request, key);
    if (answer.status < 300) return answer;
    expectProblem(answer, 409, 'request_in_progress');
    return undefined;
  });

test('an answer that cannot be kept is given all the same, and a repeated request makes nothing more', async () => {
  const [request, key, before] = [job(), aKey(), await idsOf('/v1/jobs')];
  await beforeAnswers(`RAISE EXCEPTION USING ERRCODE = '57P01'`, async () => {
    expect((await api.post('/v1/jobs', request, key)).status).toBe(202);
  });
  const again = await answered('/v1/jobs', request, key);
  expect(await idsOf('/v1/jobs')).toEqual([again.body.id, ...before]);
});

/** Kills an API once it has made what is asked of it, while it keeps the answer. */
async function killWhileAnswering(path: string, request: object, key: Record<string, string>): Promise<void> {
  const entry = fileURLToPath(new URL('../main.ts', import.meta.url));
  const { databaseUrl, folder } = api.store;
  const doomed = await spawnService({
    ...{ name: 'api', entry },
    env: {
      ...{ NODE_OPTIONS: TYPESCRIPT_NODE_OPTIONS, DATABASE_URL: databaseUrl, REDIS_URL: undefined },
      ...{ ARTIFACTS_URL: undefined, DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'error' },
    },
    stdout: 'ignore',
  });
  const headers = { 'content-type': 'application/json', ...key };
  const sent = { method: 'POST', headers, body: JSON.stringify(request) };
  const answer = api.fetch(doomed.url! + path, sent).catch(() => 'lost');
  try {
    await waitUntil('the answer to be kept', async () => (await sleepers('pid')).length > 0);
  } finally {
    process.kill(doomed.pid, 'SIGKILL');
  }
  expect(await answer).toBe('lost');
  await sleepers('pg_terminate_backend(pid)');
}

function sleepers(what: string): Promise<unknown[]> {
  const where = `wait_event = 'PgSleep' AND datname = current_database()`;
  return api.store.query(`SELECT ${what} FROM pg_stat_activity WHERE ${where}`);
}

test('of a job whose API was killed before it could answer, another API gives it within seconds', async () => {
  const [request, key, before] = [job(), aKey(), await idsOf('/v1/jobs')];
  await beforeAnswers('PERFORM pg_sleep(60)', () => killWhileAnswering('/v1/jobs', request, key));
  const killed = performance.now();
  const again = await answered('/v1/jobs', request, key);
  expect(performance.now() - killed).toBeLessThan(15_000);
  expect(await idsOf('/v1/jobs')).toEqual([again.body.id, ...before]);
});
