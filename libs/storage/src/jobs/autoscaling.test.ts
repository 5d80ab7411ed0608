import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { parse } from 'yaml';
import type { Job } from '#contracts';
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

test('a job that is measured, published or over wants none', async () => {
  const before = [await wanted('worker-cpu'), await wanted('worker-gpu')];
  await add({ state: 'running', stage: 'verify' });
  await add({ state: 'running', stage: 'publish' }, 'cuda');
  await add({ state: 'failed', stage: 'train' });
  await add({ state: 'succeeded', stage: 'publish' });
  expect([await wanted('worker-cpu'), await wanted('worker-gpu')]).toEqual(before);
});
