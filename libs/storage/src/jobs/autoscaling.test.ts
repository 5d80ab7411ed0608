import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { parse } from 'yaml';
import { GPU_PROVIDERS, type Job } from '#contracts';
import { TRAINING_STAGES } from '#jobs';
import { aDataset, aJob, aJobRequest, testStorage, type TestStorage } from '#testkit';

const KEDA = path.resolve(import.meta.dirname, '../../../../deploy/kubernetes/components/autoscaling-keda');

/** KEDA runs these queries as they are: here against the schema that the migrations make. */
function queryOf(worker: string): string {
  const scaled = parse(fs.readFileSync(path.join(KEDA, `${worker}.yaml`), 'utf8')) as {
    spec: { triggers: [{ metadata: { query: string } }] };
  };
  return scaled.spec.triggers[0].metadata.query;
}

let store: TestStorage;
let client: pg.Client;
let datasetId: string;
beforeAll(async () => {
  store = await testStorage();
  client = new pg.Client({ connectionString: store.databaseUrl });
  await client.connect();
  const dataset = aDataset(store.actor);
  await store.storage.datasets.create(dataset);
  datasetId = dataset.id;
});
afterAll(async () => {
  await client.end();
  await store.close();
});

async function add(changes: Partial<Job>, provider?: string): Promise<string> {
  const training = provider === undefined ? {} : { engine: { executor: executorOf(provider), provider } };
  const job = aJob(store.actor, { ...changes, spec: aJobRequest({ datasetId, training }) });
  await store.storage.jobs.create({ job, events: [], messages: [] });
  return job.id;
}

const executorOf = (provider: string) => (provider === 'tensorflow-gpu' ? 'tfjs' : 'onnxruntime');

async function wanted(worker: string): Promise<number> {
  const { rows, fields } = await client.query<Record<string, string>>(queryOf(worker));
  expect(rows).toHaveLength(1);
  return Number(rows[0]![fields[0]!.name]);
}

test('a job that waits for its training, or is trained, wants a worker of the kind that it asks for', async () => {
  expect([await wanted('worker-cpu'), await wanted('worker-gpu')]).toEqual([0, 0]);
  await add({ state: 'queued', stage: 'train' });
  await add({ state: 'running', stage: 'adjust' }, 'cpu');
  for (const provider of ['cuda', 'webgpu', 'tensorflow-gpu']) {
    await add({ state: 'queued', stage: 'train' }, provider);
  }
  expect([await wanted('worker-cpu'), await wanted('worker-gpu')]).toEqual([2, 3]);
  const id = await add({ state: 'queued', stage: 'train' });
  await client.query(`UPDATE "Job" SET spec = spec || '{"requires": {"device": "gpu"}}' WHERE id = $1`, [id]);
  expect([await wanted('worker-cpu'), await wanted('worker-gpu')]).toEqual([2, 4]);
});

test('ratios that are derived of a version, as an addendum, want a worker of the kind that they ask for', async () => {
  const [cpu, gpu] = [await wanted('worker-cpu'), await wanted('worker-gpu')];
  const derivation = { model: 'digits', version: 1, ratios: [0.2] };
  await add({ state: 'queued', stage: 'derive', derivation }, 'cuda');
  expect([await wanted('worker-cpu'), await wanted('worker-gpu')]).toEqual([cpu, gpu + 1]);
  await add({ state: 'queued', stage: 'derive', derivation });
  expect([await wanted('worker-cpu'), await wanted('worker-gpu')]).toEqual([cpu + 1, gpu + 1]);
});

test('a job wants a worker of the kind that began it, whatever it says of itself', async () => {
  const [cpu, gpu] = [await wanted('worker-cpu'), await wanted('worker-gpu')];
  const pin = { executor: 'onnxruntime', threads: 1, cpuClass: 'x64' } as const;
  await add({ state: 'running', stage: 'train', pin: { ...pin, provider: 'cuda' } });
  await add({ state: 'queued', stage: 'adjust', pin: { ...pin, provider: 'webgpu' } });
  expect([await wanted('worker-cpu'), await wanted('worker-gpu')]).toEqual([cpu, gpu + 2]);
  const id = await add({ state: 'running', stage: 'train', pin: { ...pin, provider: 'cpu' } });
  await client.query(`UPDATE "Job" SET spec = spec || '{"requires": {"device": "gpu"}}' WHERE id = $1`, [id]);
  expect([await wanted('worker-cpu'), await wanted('worker-gpu')]).toEqual([cpu + 1, gpu + 2]);
});

test('the queries name the stages and the providers that jobs are routed by', () => {
  const listed = (names: readonly string[]) => `(${names.map((name) => `'${name}'`).join(', ')})`;
  for (const query of [queryOf('worker-cpu'), queryOf('worker-gpu')]) {
    expect(query).toContain(`stage IN ${listed(TRAINING_STAGES)}`);
    expect(query).toContain(`IN ${listed(GPU_PROVIDERS)}`);
  }
});

test('a job that is measured, published or over wants none', async () => {
  const before = [await wanted('worker-cpu'), await wanted('worker-gpu')];
  await add({ state: 'running', stage: 'verify' });
  await add({ state: 'running', stage: 'publish' }, 'cuda');
  await add({ state: 'failed', stage: 'train' });
  await add({ state: 'succeeded', stage: 'publish' });
  expect([await wanted('worker-cpu'), await wanted('worker-gpu')]).toEqual(before);
});
